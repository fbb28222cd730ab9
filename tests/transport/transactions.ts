/**
 * Transactions of a producer that is no part of this package.
 *
 * @module
 */
import { Kafka, logLevel, Partitioners } from "../../tools/quiet_kafkajs.ts";

const brokers = () => (Deno.env.get("KAFKA_BROKERS") ?? "127.0.0.1:9092").split(",");

/**
 * Produces records in one transaction, into partition 0.
 *
 * @param topic Where to.
 * @param messages The records.
 * @param end How the transaction ends.
 */
export async function transact(
  topic: string,
  messages: readonly { key?: string; value: string; headers?: Record<string, string> }[],
  end: "commit" | "abort",
): Promise<void> {
  const producer = new Kafka({ brokers: brokers(), logLevel: logLevel.NOTHING }).producer({
    transactionalId: `transaction-${crypto.randomUUID()}`,
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const transaction = await producer.transaction();
  const placed = messages.map((message) => ({ ...message, partition: 0 }));
  await transaction.send({ topic, messages: placed });
  await transaction[end]();
  await producer.disconnect();
}
