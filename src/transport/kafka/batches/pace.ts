// Leaves the event loop to others while something long is decoded.
import { clock } from "../../../async/clock.ts";

export const STRETCH_MS = 20;

export class Pace {
  #since = clock.now();

  get due(): boolean {
    return clock.now() - this.#since >= STRETCH_MS;
  }

  /** Lets the event loop take its other turns. */
  async pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.timer(0, resolve);
    await promise;
    this.#since = clock.now();
  }
}
