/**
 * A clock that a test sets.
 *
 * @module
 */

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
