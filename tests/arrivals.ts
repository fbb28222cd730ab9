/**
 * Items that arrive one by one, and waits for a number of them.
 *
 * @module
 */
import { within } from "./within.ts";

interface Waiting<T> {
  readonly met: (items: readonly T[]) => boolean;
  readonly resolve: () => void;
}

/** Collects what a callback is called with. */
export class Arrivals<T> {
  /** What came so far. */
  readonly items: T[] = [];
  readonly #waiting = new Set<Waiting<T>>();

  /** Takes one; bound, so that it can be handed over as a callback. */
  readonly push = (item: T): void => {
    this.items.push(item);
    for (const waiting of this.#waiting) {
      if (waiting.met(this.items)) {
        this.#waiting.delete(waiting);
        waiting.resolve();
      }
    }
  };

  /**
   * Waits until enough has come.
   *
   * @param met Says whether it has.
   * @param what What is waited for, for the error where it does not come.
   * @returns Everything that came so far.
   */
  async until(met: (items: readonly T[]) => boolean, what: string): Promise<readonly T[]> {
    if (!met(this.items)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add({ met, resolve });
      await within(promise, what);
    }
    return this.items;
  }

  /**
   * Waits for the first so many.
   *
   * @param count How many.
   * @returns Exactly those.
   */
  async first(count: number): Promise<readonly T[]> {
    const items = await this.until((items) => items.length >= count, `item ${count}`);
    return items.slice(0, count);
  }

  /**
   * Waits for one by its place.
   *
   * @param index Its place, from 0.
   * @returns The item.
   */
  async at(index: number): Promise<T> {
    return (await this.first(index + 1))[index]!;
  }
}
