// The topics of a service as logs.
import { KafkaTransport } from "../transport/kafka/kafka_transport.ts";
import { kafkajsProtocol } from "../transport/kafka/kafkajs/protocol.ts";
import type { Invocation } from "./command.ts";

/** Connects; nothing is created. The receiver closes it. */
export async function openLog(
  { connection, signal }: Pick<Invocation, "connection" | "signal">,
): Promise<KafkaTransport> {
  const { options } = connection;
  const transport = new KafkaTransport(options, { background: false, protocol: kafkajsProtocol });
  try {
    await transport.connect({ signal, timeoutMs: options.connectTimeoutMs });
    return transport;
  } catch (error) {
    await transport.close();
    throw error;
  }
}
