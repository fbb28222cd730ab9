// Opens sockets to brokers.
import { lookup, type LookupAllOptions } from "node:dns";
import net from "node:net";
import tls from "node:tls";
import { withDeadline } from "../../async/deadline.ts";
import { addressText } from "../brokers.ts";
import type { TlsTexts } from "./login_texts.ts";
import { type BrokerAddress, ConnectionFailed, type OpenOptions } from "./port.ts";
import { expiredCertificateText, isTlsError, tlsFailureText } from "./tls_failure.ts";
import { checkTlsFiles } from "./tls_files.ts";

/** How long one address of a name is tried before the next one. */
const ANOTHER_ADDRESS_MS = 500;

/**
 * Opens a socket: TCP, and TLS where it is asked for. Without Nagle's delay, which costs about a
 * millisecond a round trip.
 *
 * @throws {ConnectionFailed} Where it can't be opened; the signal's reason where that aborts.
 */
export async function openSocket(
  address: BrokerAddress,
  options: Pick<OpenOptions, "attempt" | "background" | "signal" | "ssl">,
): Promise<net.Socket> {
  const { signal, background, attempt = 0 } = options;
  signal.throwIfAborted();
  const ssl = options.ssl === true ? {} : options.ssl;
  if (ssl !== undefined) checkTlsFiles(ssl);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const closed = () => {
    const text = `${addressText(address)} closed the connection while it was opened`;
    reject(new ConnectionFailed("network", text));
  };
  let socket: net.Socket | undefined;
  try {
    socket = createSocket(address, { ssl, attempt }, resolve);
    // It stays: an error that comes after this function must have a listener as well.
    socket.on("error", reject);
    socket.once("close", closed);
    if (background) socket.unref();
    await withDeadline(promise, { signal });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    // With several addresses, the one that answered may have a handle of its own.
    if (background) socket.unref();
    return socket;
  } catch (error) {
    socket?.destroy();
    if (signal.aborted || error instanceof ConnectionFailed) throw error;
    throw await openingFailure(error as Error, address, { ssl, signal });
  } finally {
    socket?.off("close", closed);
  }
}

function createSocket(
  { host, port }: BrokerAddress,
  { ssl, attempt }: { readonly ssl: TlsTexts | undefined; readonly attempt: number },
  onConnect: () => void,
): net.Socket {
  // A name may have several addresses, one of them dead: each is tried, and the next soon.
  const address = {
    host,
    port,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ANOTHER_ADDRESS_MS,
    ...attempt > 0 && { lookup: lookupFrom(attempt) },
  };
  if (ssl === undefined) return net.connect(address, onConnect);
  // A host name must be sent for SNI; an address must not (RFC 6066, section 3).
  const servername = net.isIP(host) === 0 ? { servername: host } : {};
  return tls.connect({ ...address, ...servername, ...ssl }, onConnect);
}

/** Looks a name up, and begins with another of its addresses at each attempt. */
function lookupFrom(attempt: number): net.LookupFunction {
  return (host, options, callback) =>
    lookup(host, { ...options, all: true } as LookupAllOptions, (error, addresses) => {
      const first = attempt % addresses?.length;
      callback(error, error ? [] : [...addresses.slice(first), ...addresses.slice(0, first)]);
    });
}

async function openingFailure(
  error: Error,
  address: BrokerAddress,
  options: { readonly ssl: TlsTexts | undefined; readonly signal: AbortSignal },
): Promise<ConnectionFailed> {
  const { ssl, signal } = options;
  if (ssl === undefined) return socketFailure(error, address);
  const { code } = error as NodeJS.ErrnoException;
  const peer = addressText(address);
  if (code === "ECONNRESET") {
    const text = `${peer} closed the connection in place of a TLS handshake`;
    return new ConnectionFailed("network", text, { cause: error });
  }
  if (code === "UNABLE_TO_VERIFY_LEAF_SIGNATURE") {
    const expired = await expiredCertificateText(address, { ssl, signal });
    if (expired !== "") {
      const text = `${peer}: its certificate ${expired}: ${error.message}`;
      return new ConnectionFailed("tls", text, { cause: error });
    }
  }
  return socketFailure(error, address, ssl);
}

/** Sorts an error of a socket, and keeps the system's own words. `ssl`: undefined for plain TCP. */
export function socketFailure(
  error: Error,
  address: BrokerAddress,
  ssl?: TlsTexts | undefined,
): ConnectionFailed {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const peer = addressText(address);
  if (error.name === "NotCapable") {
    return new ConnectionFailed("permission", error.message, { cause: error });
  }
  if (code === "EPERM" && syscall === "getaddrinfo") {
    // Deno does not say it of a name that is looked up.
    const text = `Requires net access to "${address.host}:${address.port}", run again with the ` +
      "--allow-net flag";
    return new ConnectionFailed("permission", text, { cause: error });
  }
  if (ssl !== undefined && isTlsError(code)) {
    const text = `${peer}: ${tlsFailureText(error, ssl)}`;
    return new ConnectionFailed("tls", text, { cause: error });
  }
  // Of a name with several addresses there is an error for each; each names its own.
  const errors: Error[] = error instanceof AggregateError ? error.errors : [error];
  const own = ` ${address.host}:${address.port}`;
  const texts = errors.map(({ message }) => message.replace(own, ""));
  return new ConnectionFailed("network", `${peer}: ${texts.join("; ")}`, { cause: error });
}
