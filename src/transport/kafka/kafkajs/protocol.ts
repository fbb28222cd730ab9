// The Kafka protocol by means of kafkajs, which encodes and authenticates. Its
// connections, and everything of it that decides, are not used.
import type { Duplex } from "node:stream";
import { FramedSocket } from "../framed_socket.ts";
import {
  type BrokerAddress,
  type BrokerConnection,
  ConnectionFailed,
  type KafkaProtocol,
  type OpenOptions,
} from "../port.ts";
import { openSocket, socketFailure } from "../socket.ts";
import { addressText } from "../../brokers.ts";
import { KafkajsConnection } from "./connection.ts";
import { askVersions } from "./versions.ts";

/** The protocol. It keeps nothing: every connection is on its own. */
export const kafkajsProtocol: KafkaProtocol = { open };

async function open(address: BrokerAddress, options: OpenOptions): Promise<BrokerConnection> {
  return await openOver(await openSocket(address, options), address, options);
}

/**
 * Opens a connection over a socket that is connected already, or what stands for it in a test; from
 * here on it is the connection's.
 */
export async function openOver(
  socket: Duplex,
  address: BrokerAddress,
  options: Omit<OpenOptions, "background">,
): Promise<BrokerConnection> {
  const { clientId, signal, sasl } = options;
  const ssl = options.ssl === true ? {} : options.ssl;
  const peer = addressText(address);
  const failureOf = (error: Error) => socketFailure(error, address, ssl);
  const framed = new FramedSocket(socket, { peer, clientId, failureOf });
  const abort = () => framed.end(new ConnectionFailed("closed", "its opening was aborted"));
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    const opened = { socket: framed, address, versions: await askVersions(framed, peer) };
    // Only those who use SASL load it.
    const sessionMs = sasl && await (await import("./sasl.ts")).authenticate(opened, sasl);
    return new KafkajsConnection({ ...opened, sessionMs });
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
