/**
 * The Kafka library that integration tests and rows of faults use: `--library=platformatic` of the
 * tasks `test` and `test:faults` chooses @platformatic/kafka, in child processes too.
 *
 * @module
 */
import { platformatic } from "@kafka-rpc/deno/platformatic";
import type { KafkaLibrary } from "../src/transport/kafka/kafka_library.ts";

/** By the variable that the launcher sets. */
async function chosen(): Promise<KafkaLibrary | undefined> {
  const name = Deno.env.get("KAFKA_RPC_TEST_LIBRARY");
  if (name === undefined || name === "kafkajs") return undefined;
  if (name === "platformatic") return await platformatic();
  throw new Error(`Cannot test library "${name}": it is unknown. Choose kafkajs or platformatic.`);
}

/** Undefined for the built-in one. */
export const libraryUnderTest: KafkaLibrary | undefined = await chosen();
