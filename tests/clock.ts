/**
 * Clocks for tests.
 *
 * @module
 */
import { useClock } from "../src/async/clock.ts";

/**
 * Runs a test during which `performance.now()` stands still, until the test moves it.
 *
 * @param test Gets the clock.
 * @returns What the test gives.
 */
export function withClock<T>(test: (clock: { now: number }) => T): T {
  const { now } = performance;
  const clock = { now: 0 };
  performance.now = () => clock.now;
  try {
    return test(clock);
  } finally {
    performance.now = now;
  }
}

/**
 * A clock that stands still while anything is done, and else goes on to the next timer at once.
 *
 * @returns Puts the machine's clock back.
 */
export function hurriedClock(): Disposable {
  const start = Date.now();
  const timers = new Set<{ readonly due: number; readonly callback: () => void }>();
  let now = 0;
  // A turn of the loop of events each: promises that a timer has settled come first.
  const pump = setInterval(() => {
    const [next] = [...timers].sort((a, b) => a.due - b.due);
    if (next === undefined) return;
    timers.delete(next);
    now = Math.max(now, next.due);
    next.callback();
  });
  const restored = useClock({
    now: () => now,
    wallTime: () => start + now,
    timer: (milliseconds, callback) => {
      const timer = { due: now + milliseconds, callback };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
    random: () => Math.random(),
    id: () => crypto.randomUUID(),
  });
  return {
    [Symbol.dispose]: () => {
      clearInterval(pump);
      restored[Symbol.dispose]();
    },
  };
}
