// Many deadlines on one timer.
import { clock, MAX_TIMER_MS, type Timer } from "./clock.ts";

/**
 * What may have a deadline, in one {@linkcode Deadlines} at a time. To be extended: an object and a
 * closure of its own for each deadline take 0.2 kB, and calls wait by the thousand.
 */
export abstract class Timed {
  /** When its deadline is over, by `clock.now()`. */
  overAt = Infinity;
  /** Its place in the heap of its deadlines; −1 while it has none. */
  heapPlace = -1;

  /** Its deadline is over. Called once for each that was set; it may set others, and may not throw. */
  abstract onOver(): void;
}

/**
 * Many deadlines on one timer: nearly all are canceled long before they are over, and a timer of the
 * platform takes ten times as long to set and to cancel. A binary heap: what is canceled leaves
 * nothing behind, and deadlines that come in their order are only appended.
 */
export class Deadlines {
  readonly #heap: Timed[] = [];
  #timer: Timer | undefined;
  /** When the timer fires. */
  #firesAt = Infinity;

  /** Sets a deadline in place of an earlier one; it keeps the process alive. */
  set(timed: Timed, milliseconds: number): void {
    this.cancel(timed);
    timed.overAt = clock.now() + Math.min(milliseconds, MAX_TIMER_MS);
    this.#rise(timed, this.#heap.length);
    this.#arm();
  }

  /** May be called again, and after it was over. */
  cancel(timed: Timed): void {
    const { heapPlace } = timed;
    if (heapPlace < 0) return;
    timed.heapPlace = -1;
    const last = this.#heap.pop()!;
    if (last !== timed) this.#sink(last, this.#rise(last, heapPlace));
    if (this.#heap.length > 0) return;
    this.#timer?.cancel();
    this.#firesAt = Infinity;
  }

  /** A timer that fires too early is left as it is: what it was set for is most often canceled. */
  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || first.overAt >= this.#firesAt) return;
    this.#timer?.cancel();
    this.#firesAt = first.overAt;
    // The platform cuts fractions off, and would fire before the time is over.
    this.#timer = clock.timer(Math.ceil(first.overAt - clock.now()), () => this.#fire());
  }

  #fire(): void {
    const now = clock.now();
    this.#firesAt = Infinity;
    for (
      let first = this.#heap[0];
      first !== undefined && first.overAt <= now;
      first = this.#heap[0]
    ) {
      this.cancel(first);
      first.onOver();
    }
    this.#arm();
  }

  #rise(timed: Timed, place: number): number {
    while (place > 0) {
      const parent = this.#heap[place - 1 >> 1]!;
      if (parent.overAt <= timed.overAt) break;
      this.#put(parent, place);
      place = place - 1 >> 1;
    }
    return this.#put(timed, place);
  }

  #sink(timed: Timed, place: number): void {
    while (true) {
      let child = 2 * place + 1;
      const right = this.#heap[child + 1];
      if (right !== undefined && right.overAt < this.#heap[child]!.overAt) child++;
      const least = this.#heap[child];
      if (least === undefined || least.overAt >= timed.overAt) break;
      this.#put(least, place);
      place = child;
    }
    this.#put(timed, place);
  }

  #put(timed: Timed, place: number): number {
    this.#heap[place] = timed;
    return timed.heapPlace = place;
  }
}
