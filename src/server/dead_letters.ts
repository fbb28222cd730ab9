/**
 * Records that could not be read, kept for somebody to look at.
 *
 * @module
 */
import type { Logger } from "../transport/logger.ts";
import type { ProduceRetries } from "../transport/produce_retries.ts";
import type { IncomingRecord } from "../wire/record.ts";

/** Puts records on the dead-letter topic, as they came, with the reason in headers. */
export class DeadLetters {
  readonly #topic: string;
  readonly #sending: ProduceRetries;
  readonly #logger: Logger;

  /**
   * Creates it.
   *
   * @param topic The dead-letter topic.
   * @param sending What to send with.
   * @param logger Where lost records are told.
   */
  constructor(topic: string, sending: ProduceRetries, logger: Logger) {
    this.#topic = topic;
    this.#sending = sending;
    this.#logger = logger;
  }

  /**
   * Keeps a record. It never rejects: a record that can't be kept is told in the log.
   *
   * @param record The record.
   * @param reason Why it could not be read.
   */
  async keep(record: IncomingRecord, reason: string): Promise<void> {
    const { topic, partition, offset, key, value } = record;
    const headers = {
      ...Object.fromEntries(record.headers),
      "rpc-dlt-reason": reason,
      "rpc-dlt-topic": topic,
      "rpc-dlt-partition": String(partition),
      "rpc-dlt-offset": String(offset),
    };
    try {
      await this.#sending.produce({ topic: this.#topic, key, value, headers });
    } catch (error) {
      this.#logger.error("a record could not be put on the dead-letter topic", {
        topic,
        partition,
        offset,
        error,
      });
    }
  }
}
