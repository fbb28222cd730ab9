/**
 * A line of limited bandwidth that all connections of a proxy share.
 *
 * @module
 */
import type { Direction } from "./lane.ts";

/** A slice takes this long on the line, so that connections take turns. */
const SLICE_MS = 20;

/** Says when the next bytes have gone over the line. What has not been used is not saved up. */
export class Link {
  readonly #now: () => number;
  readonly #freeAt: Record<Direction, number> = { request: 0, response: 0 };

  /** Takes a clock. Default: `performance.now`. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Most bytes that go over the line at a time. */
  sliceOf(bytesPerSecond: number): number {
    return Math.max(1, Math.floor(bytesPerSecond * SLICE_MS / 1_000));
  }

  /** Takes the line for so many bytes; milliseconds until they have gone over it. */
  reserve(direction: Direction, bytes: number, bytesPerSecond: number): number {
    // Not limited now: what was reserved under a limit before holds nobody up.
    if (bytesPerSecond === Infinity) return this.#freeAt[direction] = 0;
    const now = this.#now();
    const from = Math.max(now, this.#freeAt[direction]);
    this.#freeAt[direction] = from + bytes / bytesPerSecond * 1_000;
    return this.#freeAt[direction] - now;
  }
}
