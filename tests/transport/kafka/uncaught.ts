/**
 * Errors that nothing caught, while a test runs.
 *
 * @module
 */

/** Collects them: an error that escapes fails the test with its own text. */
export class Uncaught implements Disposable {
  /** What escaped. */
  readonly errors: unknown[] = [];
  readonly #listen = (event: ErrorEvent | PromiseRejectionEvent) => {
    event.preventDefault();
    this.errors.push("reason" in event ? event.reason : event.error);
  };

  /** Listens. */
  constructor() {
    globalThis.addEventListener("error", this.#listen);
    globalThis.addEventListener("unhandledrejection", this.#listen);
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    globalThis.removeEventListener("error", this.#listen);
    globalThis.removeEventListener("unhandledrejection", this.#listen);
  }
}
