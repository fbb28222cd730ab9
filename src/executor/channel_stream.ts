// The outside end of one stream of a sandbox.
import type { Payload } from "../wire/outcome.ts";
import type { Credit } from "../wire/stream.ts";
import type { ValueSink } from "./executor.ts";

/** A sandbox that has less room than this part of what it had at first is given more. */
const LOW = 1 / 2;

/**
 * Most bytes of the message of a value, beside the value and its content type. A sandbox may send as
 * many as its caller takes, and the server reads them all.
 */
const MAX_MESSAGE_BYTES = 1_024;

/** Passes values on, and room back; a sandbox that takes more room than it was given is refused. */
export class ChannelStream {
  readonly #sink: ValueSink;
  readonly #first: Credit;
  #given: Credit;
  #values = 0;
  #bytes = 0;
  #give: (credit: Credit) => void = () => {};

  constructor(sink: ValueSink) {
    this.#sink = sink;
    this.#given = this.#first = sink.credit;
  }

  /** Room that it has from the start. */
  get first(): Credit {
    return this.#first;
  }

  /** Has `give` called with more room: seldom enough that it costs little beside the values. */
  watch(give: (credit: Credit) => void): void {
    this.#give = give;
    this.#sink.watch(() => this.#giveMore());
  }

  #giveMore(): void {
    if (!this.#isLow()) return;
    const { credit } = this.#sink;
    if (credit.seq <= this.#given.seq && credit.bytes <= this.#given.bytes) return;
    this.#given = credit;
    this.#give(credit);
  }

  #isLow(): boolean {
    const values = this.#given.seq - this.#values;
    const bytes = this.#given.bytes - this.#bytes;
    return values < LOW * this.#first.seq || values < 1 || bytes < LOW * this.#first.bytes;
  }

  /**
   * Takes a value; throws a TypeError where there was no room for it. `messageBytes`: those of its
   * message without the value.
   */
  take(value: Payload, messageBytes: number): void {
    // A character of JSON has at most six bytes.
    if (messageBytes > MAX_MESSAGE_BYTES + 6 * value.contentType.length) {
      throw new TypeError("a sandbox sent a value in a message that is too long");
    }
    if (this.#values > this.#given.seq || this.#bytes >= this.#given.bytes) {
      throw new TypeError("a sandbox sent a value that it had no room for");
    }
    this.#values++;
    this.#bytes += value.bytes.byteLength;
    // Room is given back by `watch`: the promise is for executors without a channel.
    void this.#sink.emit(value);
    this.#giveMore();
  }
}
