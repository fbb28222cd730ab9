// Many deadlines on one timer.
import { clock, MAX_TIMER_MS, type Timer } from "./clock.ts";

/** A deadline that was set. */
class Deadline implements Timer {
  readonly #owner: Deadlines;
  /** When it is over, by `clock.now()`. */
  readonly at: number;
  readonly onOver: () => void;
  /** Its place in the heap; −1 once it is taken out. */
  place = -1;

  constructor(owner: Deadlines, at: number, onOver: () => void) {
    this.#owner = owner;
    this.at = at;
    this.onOver = onOver;
  }

  cancel(): void {
    this.#owner.remove(this);
  }
}

/**
 * Many deadlines on one timer: nearly all are canceled long before they are over, and a timer of the
 * platform takes ten times as long to set and to cancel. A binary heap: what is canceled leaves
 * nothing behind, and deadlines that come in their order are only appended.
 */
export class Deadlines {
  readonly #heap: Deadline[] = [];
  #timer: Timer | undefined;
  /** When the timer fires. */
  #firesAt = Infinity;

  /** Keeps the process alive. `onOver` is called once; it may set others, and may not throw. */
  set(milliseconds: number, onOver: () => void): Timer {
    const deadline = new Deadline(this, clock.now() + Math.min(milliseconds, MAX_TIMER_MS), onOver);
    this.#rise(deadline, this.#heap.length);
    this.#arm();
    return deadline;
  }

  remove(deadline: Deadline): void {
    const { place } = deadline;
    if (place < 0) return;
    deadline.place = -1;
    const last = this.#heap.pop()!;
    if (last !== deadline) this.#sink(last, this.#rise(last, place));
    if (this.#heap.length > 0) return;
    this.#timer?.cancel();
    this.#firesAt = Infinity;
  }

  /** A timer that fires too early is left as it is: what it was set for is most often canceled. */
  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || first.at >= this.#firesAt) return;
    this.#timer?.cancel();
    this.#firesAt = first.at;
    // The platform cuts fractions off, and would fire before the time is over.
    this.#timer = clock.timer(Math.ceil(first.at - clock.now()), () => this.#fire());
  }

  #fire(): void {
    const now = clock.now();
    this.#firesAt = Infinity;
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.remove(first);
      first.onOver();
    }
    this.#arm();
  }

  #rise(deadline: Deadline, place: number): number {
    while (place > 0) {
      const parent = this.#heap[place - 1 >> 1]!;
      if (parent.at <= deadline.at) break;
      this.#put(parent, place);
      place = place - 1 >> 1;
    }
    return this.#put(deadline, place);
  }

  #sink(deadline: Deadline, place: number): void {
    while (true) {
      let child = 2 * place + 1;
      const right = this.#heap[child + 1];
      if (right !== undefined && right.at < this.#heap[child]!.at) child++;
      const least = this.#heap[child];
      if (least === undefined || least.at >= deadline.at) break;
      this.#put(least, place);
      place = child;
    }
    this.#put(deadline, place);
  }

  #put(deadline: Deadline, place: number): number {
    this.#heap[place] = deadline;
    return deadline.place = place;
  }
}
