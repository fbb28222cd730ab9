/**
 * Time that passes only when nothing else can happen, and chance that a seed decides.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate } from "node:timers/promises";
import type { Clock, Timer } from "../../src/async/clock.ts";

/** A program among others, with a fate of its own. */
export interface Program {
  readonly name: string;
  /** Nothing of it happens any more. */
  isDead: boolean;
  /** Until then nothing of it happens, as under SIGSTOP; its timers and answers come late. */
  stoppedUntil: number;
  /** By how many milliseconds its wall clock is wrong. */
  wallOffset: number;
}

interface Due {
  at: number;
  readonly program: Program | undefined;
  /** Timers of one moment fire in the order that they were set in. */
  readonly order: number;
  readonly callback: () => void;
  isCanceled: boolean;
}

/** A fixed day, so that two runs have the same timestamps. */
const EPOCH_MS = Date.UTC(2026, 0, 1);

/** Numbers that look like chance, and are the same for the same seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = state + 0x6d2b79f5 >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

/** Lets everything happen that waits for no timer: all microtasks come before the next macrotask. */
function settle(): Promise<void> {
  return setImmediate();
}

const isBefore = (a: Due, b: Due): boolean => a.at < b.at || a.at === b.at && a.order < b.order;

/** A clock for a simulation. */
export class VirtualClock implements Clock {
  readonly random: () => number;
  /** A heap: the next one is the first. */
  readonly #timers: Due[] = [];
  /** Whose turn it is: everything that a program begins belongs to it. */
  readonly #programs = new AsyncLocalStorage<Program | undefined>();
  #now = 0;
  #orders = 0;
  #ids = 0;

  /**
   * Creates a clock that stands at 0.
   *
   * @param seed What decides chance.
   */
  constructor(seed: number) {
    this.random = chance(seed);
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return EPOCH_MS + Math.floor(this.#now) + (this.#programs.getStore()?.wallOffset ?? 0);
  }

  timer(milliseconds: number, callback: () => void): Timer {
    return this.timerOf(this.#programs.getStore(), milliseconds, callback);
  }

  /** A timer of a program, or of what is outside of all programs. */
  timerOf(program: Program | undefined, milliseconds: number, callback: () => void): Timer {
    const at = this.#now + Math.max(milliseconds, 0);
    const due: Due = { at, program, order: this.#orders++, callback, isCanceled: false };
    this.#push(due);
    return { cancel: () => void (due.isCanceled = true) };
  }

  id(): string {
    const number = (++this.#ids).toString(16).padStart(12, "0");
    return `00000000-0000-7000-8000-${number}`;
  }

  /** Whose turn it is just now. */
  get program(): Program | undefined {
    return this.#programs.getStore();
  }

  /**
   * Does something as a program, or as what is outside of all programs.
   *
   * @param program Whose it is.
   * @param work What is done.
   * @returns What it gives.
   */
  as<T>(program: Program | undefined, work: () => T): T {
    return this.#programs.getStore() === program ? work() : this.#programs.run(program, work);
  }

  /**
   * Lets time pass while the program stands still, as under SIGSTOP: its timers fire late.
   *
   * @param milliseconds How much.
   */
  jump(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /**
   * Lets time pass until something is so, or until a moment.
   *
   * @param isSo Whether it is so; asked whenever something may have happened.
   * @param untilMs The moment.
   * @returns Whether it is so.
   */
  async until(isSo: () => boolean, untilMs: number): Promise<boolean> {
    while (true) {
      // One that was canceled changes nothing.
      if (this.#timers[0]?.isCanceled || this.#timers[0]?.program?.isDead) {
        this.#pop();
        continue;
      }
      await settle();
      if (isSo()) return true;
      const next = this.#timers[0];
      if (next === undefined || next.at > untilMs) {
        this.#now = Math.max(this.#now, untilMs);
        return false;
      }
      this.#pop();
      const { program, callback } = next;
      if (next.isCanceled || program?.isDead) continue;
      this.#now = Math.max(this.#now, next.at);
      if (program !== undefined && program.stoppedUntil > this.#now) {
        this.#push(Object.assign(next, { at: program.stoppedUntil }));
      } else this.as(program, callback);
    }
  }

  #push(due: Due): void {
    const heap = this.#timers;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const above = at - 1 >> 1;
      if (!isBefore(due, heap[above]!)) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = due;
  }

  #pop(): void {
    const heap = this.#timers;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    while (true) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++;
      if (!isBefore(heap[below]!, last)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
  }
}
