/**
 * Opens sockets to brokers.
 *
 * @module
 */
import net from "node:net";
import tls from "node:tls";
import { type BrokerAddress, ConnectionFailed, type OpenOptions } from "./port.ts";

/** Where a broker listens, as people write it. */
export function addressText({ host, port }: BrokerAddress): string {
  return net.isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Opens a socket: TCP, and TLS where it is asked for. Without Nagle's delay, which costs about a
 * millisecond a round trip.
 *
 * @param address Where to.
 * @param options TLS, and whether the socket leaves the process free to end.
 * @returns The connected socket.
 * @throws {ConnectionFailed} Where it can't be opened; the signal's reason where that aborts.
 */
export async function openSocket(
  address: BrokerAddress,
  options: Pick<OpenOptions, "ssl" | "background" | "signal">,
): Promise<net.Socket> {
  const { signal, background } = options;
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let socket: net.Socket;
  try {
    socket = createSocket(address, options.ssl, resolve);
  } catch (error) {
    throw socketFailure(error as Error, address);
  }
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  // It stays: an error that comes after this function must have a listener as well.
  socket.on("error", (error: Error) => reject(socketFailure(error, address)));
  const closed = () => {
    const text = `${addressText(address)} closed the connection while it was opened`;
    reject(new ConnectionFailed("network", text));
  };
  socket.once("close", closed);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  if (background) socket.unref();
  try {
    await promise;
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
    socket.off("close", closed);
  }
}

function createSocket(
  { host, port }: BrokerAddress,
  ssl: OpenOptions["ssl"],
  onConnect: () => void,
): net.Socket {
  if (ssl === undefined) return net.connect({ host, port }, onConnect);
  // A host name must be sent for SNI; an address must not (RFC 6066, section 3).
  const servername = net.isIP(host) === 0 ? { servername: host } : {};
  return tls.connect({ host, port, ...servername, ...(ssl === true ? {} : ssl) }, onConnect);
}

/**
 * Sorts an error of a socket.
 *
 * @param error The error.
 * @param address Where the socket leads to.
 * @returns The failure, in the system's own words.
 */
export function socketFailure(error: Error, address: BrokerAddress): ConnectionFailed {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (error.name === "NotCapable") {
    return new ConnectionFailed("permission", error.message, { cause: error });
  }
  if (code === "EPERM" && syscall === "getaddrinfo") {
    const text = `Requires net access to "${address.host}:${address.port}", run again with the ` +
      "--allow-net flag";
    return new ConnectionFailed("permission", text, { cause: error });
  }
  const text = `${addressText(address)}: ${error.message}`;
  return new ConnectionFailed("network", text, { cause: error });
}
