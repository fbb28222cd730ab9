// The streams of a server.
import { clock, type Timer } from "../../async/clock.ts";
import type { Credit } from "../../wire/stream.ts";
import type { CallName } from "../cancellations.ts";
import { nameOf, type Origin } from "../origin.ts";
import type { OutgoingStream } from "./outgoing_stream.ts";

/** Interval at which all of them are looked at, in milliseconds. */
const LOOK_MS = 1_000;

/** Streams by the request that each answers: credits find theirs here. */
export class OpenStreams {
  readonly #streams = new Map<string, OutgoingStream>();
  #timer: Timer | undefined;
  #lookedAt = 0;

  /** Opens a stream, until {@linkcode OpenStreams.close}. */
  open({ callName: name }: Pick<Origin, "callName">, stream: OutgoingStream): void {
    this.#streams.set(name, stream);
    this.#schedule();
  }

  close({ callName: name }: Pick<Origin, "callName">, stream: OutgoingStream): void {
    stream.close();
    this.#streams.delete(name);
    if (this.#streams.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Gives a stream more room; of no stream here it means nothing. */
  grant(name: CallName, credit: Credit): void {
    this.#streams.get(nameOf(name))?.grant(credit);
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    this.#lookedAt = clock.now();
    this.#timer = clock.timer(LOOK_MS, () => this.#look());
  }

  #look(): void {
    const now = clock.now();
    // This process stood still: the credits of that time are read after this.
    const lateMs = now - this.#lookedAt - LOOK_MS;
    this.#timer = undefined;
    for (const stream of this.#streams.values()) stream.look(now, lateMs);
    if (this.#streams.size > 0) this.#schedule();
  }
}
