/**
 * What can be measured.
 *
 * @module
 */

/** A side that makes calls. */
export interface Caller extends AsyncDisposable {
  /** Makes one call, and waits for its result. */
  call(): Promise<unknown>;
  /** Makes one call that stays in flight until `release`; only where both sides share a process. */
  readonly hold?: () => Promise<unknown>;
}

/** A side that answers. */
export interface Answerer extends AsyncDisposable {
  /** Calls in flight that it knows of. */
  readonly pending?: () => number;
}

/** What both sides are started with. */
export interface Setting {
  /** Addresses of Kafka. */
  readonly brokers: readonly string[];
  /** Topic of the requests; replies go to `<topic>_results`. */
  readonly topic: string;
  /** Bytes of the value of a call; undefined: two small numbers. */
  readonly payloadBytes?: number | undefined;
}

/** Two sides of one way to talk. */
export interface Contestant {
  /** Starts the side that answers; resolves when it does. */
  serve(setting: Setting): Promise<Answerer>;
  /** Connects the side that calls. */
  connect(setting: Setting): Promise<Caller>;
}

/** A text of so many bytes. */
export function textOf(bytes: number): string {
  return "x".repeat(bytes);
}

/** What a raw loop sends: the very bytes that a call of this package has as its value. */
export function rawValue({ payloadBytes }: Setting): Uint8Array {
  const value = payloadBytes === undefined ? { a: 1, b: 2 } : textOf(payloadBytes);
  return new TextEncoder().encode(JSON.stringify(value));
}
