/**
 * Waiting for what a test expects, with an end: a test that fails must not hang.
 *
 * @module
 */

/** Far longer than anything here takes, on a busy machine too. */
const LIMIT_MS = 60_000;

/**
 * Waits for an event.
 *
 * @param event What must happen.
 * @param what What it is, for the error where it does not.
 * @param limitMs Longest wait, in milliseconds.
 * @returns What the event gives.
 */
export async function within<T>(
  event: Promise<T>,
  what: string,
  limitMs = LIMIT_MS,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} did not come`)), limitMs);
  try {
    return await Promise.race([event, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
