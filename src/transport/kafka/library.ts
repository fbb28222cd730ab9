// The port by means of a library that encodes requests, decodes answers and authenticates: over a
// socket of our own, whatever the library is. Its connections, and everything of it that decides,
// are not used.
import type { Duplex } from "node:stream";
import { addressText } from "../brokers.ts";
import type { BoundedReader } from "./bounded_reader.ts";
import { FramedSocket } from "./framed_socket.ts";
import { LibraryConnection } from "./library_connection.ts";
import { authenticate, type Mechanisms } from "./login.ts";
import {
  type Answers,
  type Api,
  type BrokerAddress,
  ConnectionFailed,
  type KafkaProtocol,
  type OpenOptions,
  type Requests,
} from "./port.ts";
import { openSocket, socketFailure } from "./socket.ts";
import { askVersions, type RequestKind } from "./versions.ts";

/** What an adapter takes from its library. */
export interface Library {
  readonly requests: { readonly [A in Api]: RequestEncoder<A> };
  readonly decoders: { readonly [A in Api]: AnswerDecoder<A> };
  /** Called by those who authenticate only. */
  readonly mechanisms: () => Promise<Mechanisms>;
}

export interface RequestEncoder<A extends Api> extends Omit<RequestKind, "name"> {
  /** Gives what follows the header (version 1 of it). */
  readonly encode: (
    request: Requests[A],
    version: number,
  ) => Promise<Uint8Array> | Uint8Array;
}

/** Decodes what follows the correlation id; whatever it throws ends the connection. */
export type AnswerDecoder<A extends Api> = (reader: BoundedReader, version: number) => Answers[A];

/** The protocol by a library. It keeps nothing: every connection is on its own. */
export function protocolOf(library: Library): KafkaProtocol {
  return { open: (address, options) => openConnection(library, address, options) };
}

/** Opens one connection by a library, outside of any cluster. */
export async function openConnection(
  library: Library,
  address: BrokerAddress,
  options: OpenOptions,
): Promise<LibraryConnection> {
  return await openOver(library, await openSocket(address, options), { ...options, address });
}

/**
 * Opens a connection over a socket that is connected already, or what stands for it in a test; from
 * here on it is the connection's.
 */
export async function openOver(
  library: Library,
  socket: Duplex,
  options: Omit<OpenOptions, "background"> & { readonly address: BrokerAddress },
): Promise<LibraryConnection> {
  const { address, clientId, signal, sasl } = options;
  const ssl = options.ssl === true ? {} : options.ssl;
  const peer = addressText(address);
  const failureOf = (error: Error) => socketFailure(error, address, ssl);
  const framed = new FramedSocket(socket, { peer, clientId, failureOf });
  const abort = () => framed.end(new ConnectionFailed("closed", "its opening was aborted"));
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    const opened = { socket: framed, address, versions: await askVersions(framed, peer) };
    const sessionMs = sasl && await authenticate(opened, sasl, await library.mechanisms());
    return new LibraryConnection(library, { ...opened, sessionMs });
  } catch (error) {
    const failure = error instanceof ConnectionFailed
      ? error
      : new ConnectionFailed("protocol", `${peer}: ${(error as Error).message}`, { cause: error });
    framed.end(failure);
    signal.throwIfAborted();
    throw failure;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
