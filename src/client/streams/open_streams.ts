// The streams of a client that are open.
import { clock, type Timer } from "../../async/clock.ts";
import type { Reply } from "../results_stream.ts";

/** Interval at which all of them are looked at, in milliseconds. */
const LOOK_MS = 1_000;

/** One of them. */
export interface OpenStream {
  readonly id: string;
  /** Takes a reply; false where it is not of this stream. */
  take(reply: Reply): boolean;
  /** A record with its id can't be read. */
  break(reason: string): void;
  /** Looks at the time; `readingSince`: from when on replies could be read. */
  look(now: number, readingSince: number): void;
}

/** Streams by id, and one timer for all. */
export class OpenStreams {
  readonly #streams = new Map<string, OpenStream>();
  #timer: Timer | undefined;
  #lookedAt = 0;
  #readingSince = clock.now();
  #isReading = true;

  get size(): number {
    return this.#streams.size;
  }

  add(stream: OpenStream): void {
    this.#streams.set(stream.id, stream);
    if (this.#timer === undefined) this.#schedule();
  }

  delete({ id }: OpenStream): void {
    this.#streams.delete(id);
    if (this.#streams.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  has(id: string): boolean {
    return this.#streams.has(id);
  }

  /** Gives a reply to its stream; false where there is none. */
  take(reply: Reply): boolean {
    return this.#streams.get(reply.id)?.take(reply) ?? false;
  }

  /** Ends a stream that got what can't be read; false where there is none. */
  break(id: string, reason: string): boolean {
    const stream = this.#streams.get(id);
    stream?.break(reason);
    return stream !== undefined;
  }

  /** Notes that replies can't come, or come again. */
  connected(isConnected: boolean): void {
    this.#isReading = isConnected;
    this.#readingSince = clock.now();
  }

  #schedule(): void {
    this.#lookedAt = clock.now();
    this.#timer = clock.timer(LOOK_MS, () => this.#look(), { background: true });
  }

  #look(): void {
    const now = clock.now();
    // This process stood still: what came meanwhile is read after this.
    if (now - this.#lookedAt > 3 * LOOK_MS) this.#readingSince = now;
    const readingSince = this.#isReading ? this.#readingSince : Infinity;
    for (const stream of [...this.#streams.values()]) stream.look(now, readingSince);
    this.#timer = undefined;
    if (this.#streams.size > 0) this.#schedule();
  }
}
