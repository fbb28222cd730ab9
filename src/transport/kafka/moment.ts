// What a start meets for a moment only.
import { clock } from "../../async/clock.ts";
import { judge } from "./errors.ts";

/** How long a start takes a code that it meets for a moment for an outage. */
export const MOMENT_MS = 5_000;

/**
 * A broker that refuses a certificate closes the connection too, and now and then that is all that
 * arrives of it: a refusal holds for so long when it does not come again, in milliseconds.
 */
const HOLDS_MS = 3_000;

/** Tells a refusal that lasts from one that a start meets for a moment. */
export class Moment {
  #since = 0;
  #lastAt = -Infinity;
  #refusal: unknown;

  /**
   * Takes a failure of a start into account, and gives what ends that: this failure, or the refusal
   * that has lasted. Undefined while trying again may help.
   */
  endedBy(failure: unknown): unknown {
    const { kind, momentary } = judge(failure, "start");
    if (kind === "refused" || kind === "misconfigured") return failure;
    const now = clock.now();
    const holds = now - this.#lastAt <= HOLDS_MS;
    if (momentary) {
      if (!holds) this.#since = now;
      this.#lastAt = now;
      this.#refusal = failure;
    }
    return (holds || momentary) && now - this.#since >= MOMENT_MS ? this.#refusal : undefined;
  }
}
