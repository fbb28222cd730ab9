// Replies to other clients that this one reads past.
import { LogThrottle } from "../logging/log_throttle.ts";
import type { Logger } from "../logging/logger.ts";

/** A look after so many replies that were passed: a few say nothing. */
const LOOK_AFTER = 1_000;
/**
 * A reply that is passed costs about a tenth of the CPU of a call of this client: measured by
 * `bench/sections/crowd.ts`, 50 clients beside one.
 */
const PASSED_PER_CALL = 10;
const WARN_INTERVAL_MS = 600_000;

const TEXT =
  "replies to other clients cost this one more than its own; give the results topic more " +
  "partitions, and connect anew";

interface ReplyCounts {
  readonly replies: number;
  readonly unmatched: number;
}

/** Says in the log where passing the replies of others costs more than the client's own calls. */
export class PassedReplies implements Disposable {
  readonly #place: { readonly topic: string; readonly partition: number };
  readonly #counts: ReplyCounts;
  readonly #throttle: LogThrottle;
  #before: ReplyCounts = { replies: 0, unmatched: 0 };

  /** `counts` of the replies that are read there go on changing. */
  constructor(
    place: { topic: string; partition: number },
    { counts, logger }: { readonly counts: ReplyCounts; readonly logger: Logger },
  ) {
    this.#place = place;
    this.#counts = counts;
    this.#throttle = new LogThrottle(logger, { intervalMs: WARN_INTERVAL_MS });
  }

  /** Looks at the counts; asked after a reply that was passed. */
  look(): void {
    const { replies, unmatched } = this.#counts;
    const passed = unmatched - this.#before.unmatched;
    if (passed < LOOK_AFTER) return;
    const own = replies - this.#before.replies;
    this.#before = { replies, unmatched };
    if (passed <= PASSED_PER_CALL * own) return;
    this.#throttle.log(TEXT, { ...this.#place, own, passed });
  }

  [Symbol.dispose](): void {
    this.#throttle.close();
  }
}
