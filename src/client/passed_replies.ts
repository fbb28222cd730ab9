// Replies to other clients that this one reads past.
import { LogThrottle } from "../logging/log_throttle.ts";
import type { Logger } from "../logging/logger.ts";

/** A look after so many replies that were passed: a few say nothing. */
const LOOK_AFTER = 1_000;
/**
 * A reply that is passed costs about a tenth of the CPU of a call of this client: measured by
 * `bench/crowd.ts`, 50 clients beside one.
 */
const PASSED_PER_CALL = 10;
const WARN_INTERVAL_MS = 600_000;

const TEXT =
  "replies to other clients cost this one more than its own; give the results topic more " +
  "partitions, and connect anew";

/** Says in the log where passing the replies of others costs more than the client's own calls. */
export class PassedReplies implements Disposable {
  readonly #place: { readonly topic: string; readonly partition: number };
  readonly #throttle: LogThrottle;
  #own = 0;
  #passed = 0;

  constructor(place: { topic: string; partition: number }, logger: Logger) {
    this.#place = place;
    this.#throttle = new LogThrottle(logger, { intervalMs: WARN_INTERVAL_MS });
  }

  own(): void {
    this.#own++;
  }

  pass(): void {
    if (++this.#passed < LOOK_AFTER) return;
    const counts = { own: this.#own, passed: this.#passed };
    this.#own = this.#passed = 0;
    if (counts.passed <= PASSED_PER_CALL * counts.own) return;
    this.#throttle.log(TEXT, { ...this.#place, ...counts });
  }

  [Symbol.dispose](): void {
    this.#throttle.close();
  }
}
