// Requests whose replies had to make room, while a copy of them may still come.
import { clock } from "../async/clock.ts";

/** Most names that are kept: about 40 MB. */
const MAX_NAMES = 200_000;

/**
 * Remembers that requests were answered, without their answers: what the reply cache has no room for
 * must not run a second time because a copy of it is sent.
 */
export class ForgottenReplies {
  /** Name of a request and its signed deadline: past that no copy of it is started anyway. */
  readonly #until = new Map<string, number>();
  readonly #max: number;
  #sweepAt: number;
  /** Of a request with a deadline up to this, it is not known whether it was answered. */
  #doubtUntil = -Infinity;

  constructor(max = MAX_NAMES) {
    this.#max = max;
    this.#sweepAt = Math.min(max, 1_024);
  }

  /** Notes that a request was answered. */
  add(name: string, until: number): void {
    this.#until.delete(name);
    this.#until.set(name, until);
    if (this.#until.size >= this.#sweepAt) this.#sweep();
  }

  /** Says whether a request was answered; `unknown` where that can't be excluded. */
  recall(name: string, signedUntil: number): "answered" | "unknown" | undefined {
    if (this.#until.has(name)) return "answered";
    return signedUntil <= this.#doubtUntil ? "unknown" : undefined;
  }

  /** Once for as many additions as there are names: a walk for each would take too long. */
  #sweep(): void {
    const now = clock.wallTime();
    for (const [name, until] of this.#until) if (until <= now) this.#until.delete(name);
    for (const [name, until] of this.#until) {
      if (this.#until.size < 0.9 * this.#max) break;
      this.#until.delete(name);
      this.#doubtUntil = Math.max(this.#doubtUntil, until);
    }
    this.#sweepAt = Math.min(this.#max, 2 * this.#until.size + 1_024);
  }
}
