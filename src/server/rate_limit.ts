// How often something may be done.
import { clock } from "../async/clock.ts";

export interface RateLimitOptions {
  /** Times at once, after a pause. */
  readonly burst: number;
  /** Times in a second, on the average. */
  readonly perSecond: number;
}

/**
 * A token bucket.
 *
 * @see https://www.rfc-editor.org/rfc/rfc2697
 */
export class RateLimit {
  readonly #options: RateLimitOptions;
  #tokens: number;
  #at = clock.now();

  constructor(options: RateLimitOptions) {
    this.#options = options;
    this.#tokens = options.burst;
  }

  /** Takes one; false where none is left. */
  take(): boolean {
    const { burst, perSecond } = this.#options;
    const now = clock.now();
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#at) * perSecond / 1_000);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
