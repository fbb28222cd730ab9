// Records that could not be read, and one-way calls that failed, kept for an operator.
import { LogThrottle } from "../logging/log_throttle.ts";
import type { Logger } from "../logging/logger.ts";
import type { ProduceRetries } from "../transport/produce_retries.ts";
import type { PassedRecords } from "../transport/transport.ts";
import { DEAD_LETTER_HEADER } from "../wire/headers.ts";
import type { IncomingRecord, OutgoingRecord } from "../wire/record.ts";
import { type LogPlace, placeOf, WARN_INTERVAL_MS } from "./incoming_call.ts";

/** Puts records on the dead-letter topic, as they came, with the reason in headers. */
export class DeadLetters implements Disposable {
  readonly #topic: string;
  readonly #sending: ProduceRetries;
  readonly #lost: LogThrottle;

  constructor(topic: string, sending: ProduceRetries, logger: Logger) {
    this.#topic = topic;
    this.#sending = sending;
    this.#lost = new LogThrottle(logger, { intervalMs: WARN_INTERVAL_MS, level: "error" });
  }

  [Symbol.dispose](): void {
    this.#lost.close();
  }

  /** Keeps a record. It never rejects: a record that can't be kept is logged. */
  async keep(record: IncomingRecord, reason: string): Promise<void> {
    const { key, value } = record;
    const headers = Object.fromEntries(record.headers);
    await this.#put({ key, value, headers }, placeOf(record), reason);
  }

  /** Keeps the place of records whose bytes can't be read, in one record without key and value. */
  async keepPlace(passed: PassedRecords): Promise<void> {
    const { topic, partition, fromOffset: offset, lastOffset, reason } = passed;
    const headers: Record<string, string> = lastOffset === undefined
      ? {}
      : { [DEAD_LETTER_HEADER.lastOffset]: String(lastOffset) };
    await this.#put({ key: null, value: null, headers }, { topic, partition, offset }, reason);
  }

  async #put(
    letter: Pick<OutgoingRecord, "key" | "value" | "headers">,
    place: LogPlace,
    reason: string,
  ): Promise<void> {
    const headers = {
      ...letter.headers,
      [DEAD_LETTER_HEADER.reason]: reason,
      [DEAD_LETTER_HEADER.topic]: place.topic,
      [DEAD_LETTER_HEADER.partition]: String(place.partition),
      [DEAD_LETTER_HEADER.offset]: String(place.offset),
    };
    try {
      await this.#sending.produce({ ...letter, topic: this.#topic, headers });
    } catch (error) {
      this.#lost.log("a record could not be put on the dead-letter topic", { ...place, error });
    }
  }
}
