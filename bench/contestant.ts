/**
 * What can be measured.
 *
 * @module
 */

/** A side that makes calls. */
export interface Caller extends AsyncDisposable {
  /** Makes one call, and waits for its result. */
  call(): Promise<unknown>;
}

/** Two sides of one way to talk. */
export interface Contestant {
  /** Starts the side that answers; resolves when it does. */
  serve(topic: string): Promise<AsyncDisposable>;
  /** Connects the side that calls. */
  connect(topic: string): Promise<Caller>;
}
