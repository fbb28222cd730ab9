// A time limit for each of many waits that follow one another.
import { clock, type Timer } from "./clock.ts";

/**
 * Limits waits, one after the other. To begin and to end one takes no timer of the platform: the one
 * that runs looks, when it fires, how long the wait of that moment has lasted.
 */
export class IdleTimer {
  readonly #limitMs: number;
  readonly #onOver: () => void;
  #since: number | undefined;
  #timer: Timer | undefined;

  /** `onOver` is called once, when a wait has lasted so many milliseconds. */
  constructor(limitMs: number, onOver: () => void) {
    this.#limitMs = limitMs;
    this.#onOver = onOver;
  }

  /** A wait begins; the one before it is over. */
  begin(): void {
    this.#since = clock.now();
    this.#timer ??= this.#arm(this.#limitMs);
  }

  /** The wait is over, another may begin. */
  end(): void {
    this.#since = undefined;
  }

  /** Nothing begins any more. */
  stop(): void {
    this.#since = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(milliseconds: number): Timer {
    return clock.timer(Math.ceil(milliseconds), () => this.#look());
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#since === undefined) return;
    const left = this.#since + this.#limitMs - clock.now();
    if (left > 0) this.#timer = this.#arm(left);
    else {
      this.#since = undefined;
      this.#onOver();
    }
  }
}
