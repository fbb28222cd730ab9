// Requests for every server, over the control topic.
import { backoff, delay } from "../async/delay.ts";
import { LogThrottle } from "../logging/log_throttle.ts";
import type { Logger } from "../logging/logger.ts";
import type { IncomingRecord } from "../wire/record.ts";
import type { ReplyAddress } from "../wire/reply.ts";
import { placeOf, WARN_INTERVAL_MS } from "./incoming_call.ts";

/** Pauses before a record that was released is handled again, in milliseconds. */
const PAUSE = { firstMs: 10, maxMs: 1_000 } as const;

/**
 * What stands for the place of their replies where repeats are found: another server's reply to the
 * same request, which this one has read in the results topic, is none of its own.
 */
export const TO_ALL: ReplyAddress = Object.freeze({ topic: "", partition: -2, key: null });

export interface CallsToAllOptions {
  /** Most that are in flight; further ones are not taken, and their callers miss this server. */
  readonly max: number;
  /** Handles a record; false where it waited for its turn and partitions went to another server. */
  readonly handle: (record: IncomingRecord) => Promise<boolean> | boolean;
  readonly logger: Logger;
}

/** Has requests for every server handled: they belong to no partition, and nothing is committed. */
export class CallsToAll implements Disposable {
  readonly #options: CallsToAllOptions;
  readonly #notTaken: LogThrottle;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(options: CallsToAllOptions) {
    this.#options = options;
    this.#notTaken = new LogThrottle(options.logger, { intervalMs: WARN_INTERVAL_MS });
  }

  [Symbol.dispose](): void {
    this.#notTaken.close();
  }

  take(record: IncomingRecord): void {
    const { max, logger } = this.#options;
    if (this.#closing.signal.aborted) return;
    if (this.#inFlight.size >= max) {
      return this.#notTaken.log("a call to every server is not taken: too many are in flight", {
        ...placeOf(record),
        max,
      });
    }
    const work: Promise<void> = this.#handle(record).then(
      () => void this.#inFlight.delete(work),
      (error) => {
        this.#inFlight.delete(work);
        logger.error("a record could not be handled", { ...placeOf(record), error });
      },
    );
    this.#inFlight.add(work);
  }

  /** Takes no more, and waits for no turn any more. */
  close(): void {
    this.#closing.abort();
  }

  /** Resolves when nothing is in flight any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  /** A rebalance takes its place in the queue, not the call: it is for this server, whatever it has. */
  async #handle(record: IncomingRecord): Promise<void> {
    const { signal } = this.#closing;
    const pause = backoff(PAUSE);
    do {
      if (await this.#options.handle(record)) return;
      // It may be released at once, as long as nothing says whose the partitions are.
      await delay(pause(), { signal });
    } while (!signal.aborted);
  }
}
