// The one place where time, chance and ids come from. A simulation puts a clock
// of its own here, and the same seed then gives the same run.
import { v7 } from "@std/uuid";

export interface Timer {
  /** Stops it; may be called again, and after it fired. */
  cancel(): void;
}

/** Where time and chance come from. */
export interface Clock {
  /** Milliseconds that never step back or jump: for waits, sessions, ages. */
  now(): number;
  /** Unix milliseconds, as the machine's clock has them: for timestamps and deadlines on the wire. */
  wallTime(): number;
  /** Calls a function once after so many milliseconds. `background`: leaves the process free to end. */
  timer(milliseconds: number, callback: () => void, options?: { background?: boolean }): Timer;
  /** A number from 0 to below 1. */
  random(): number;
  /** A new UUID, version 7. */
  id(): string;
}

/** A timer longer than this would fire at once; it stands for "without end". */
export const MAX_TIMER_MS = 2_147_483_647;

/** The machine's own. */
const MACHINE: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  timer(milliseconds, callback, { background = false } = {}) {
    // The platform warns of what is over already, and fires at once what is too long.
    const delayMs = Math.max(0, Math.min(milliseconds, MAX_TIMER_MS));
    const timer = setTimeout(callback, delayMs);
    if (background) Deno.unrefTimer(timer);
    return { cancel: () => clearTimeout(timer) };
  },
  random: () => Math.random(),
  id: () => v7.generate(),
};

let current: Clock = MACHINE;

/** The clock of this program. */
export const clock: Clock = {
  now: () => current.now(),
  wallTime: () => current.wallTime(),
  timer: (milliseconds, callback, options) => current.timer(milliseconds, callback, options),
  random: () => current.random(),
  id: () => current.id(),
};

/** Another clock in place of the machine's, for a simulation; disposal puts that one back. */
export function useClock(other: Clock): Disposable {
  current = other;
  return { [Symbol.dispose]: () => void (current = MACHINE) };
}
