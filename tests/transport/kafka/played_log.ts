/**
 * The log of one partition, played by a test.
 *
 * @module
 */
import { EARLIEST, LATEST, type Requests } from "../../../src/transport/kafka/port.ts";
import { batch, valued } from "./batches/written.ts";
import { type Asked, FakePort, metadata } from "./fake_port.ts";

/** Answers Metadata, ListOffsets and Fetch for `t[0]`, led by node 1. */
export class PlayedLog {
  readonly port: FakePort;
  /** Batches, in the order of their offsets. */
  readonly batches: { readonly offset: bigint; readonly end: bigint; bytes: Uint8Array }[] = [];
  earliest = 0n;
  /** Offset of the next record. */
  end = 0n;
  /** Error code of every fetch. */
  error = 0;
  /** Whether the topic is there. */
  isThere = true;
  /** Offsets that were fetched from. */
  readonly fetched: bigint[] = [];
  #arrived = Promise.withResolvers<void>();

  constructor() {
    this.port = new FakePort((asked) => this.#answer(asked));
  }

  /** Appends records, and others that were compacted away behind them. */
  append(values: readonly string[], compacted = 0): void {
    const lastOffsetDelta = values.length + compacted - 1;
    this.put(batch(valued(...values), { baseOffset: this.end, lastOffsetDelta }), lastOffsetDelta);
  }

  /** Appends the bytes of a batch. */
  put(bytes: Uint8Array, lastOffsetDelta: number): void {
    const offset = this.end;
    this.end += BigInt(lastOffsetDelta + 1);
    this.batches.push({ offset, end: this.end, bytes });
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }

  #answer(asked: Asked): unknown {
    if (asked.api === "Metadata") return metadata(1, this.isThere ? { t: [1] } : {})(asked);
    if (asked.api === "ListOffsets") {
      const { timestamp } = (asked.request as Requests["ListOffsets"]).partitions[0]!;
      const offset = timestamp === LATEST ? this.end : timestamp === EARLIEST ? this.earliest : 0n;
      return { throttleMs: 0, partitions: [{ topic: "t", partition: 0, error: 0, offset }] };
    }
    return this.#fetch(asked.request as Requests["Fetch"]);
  }

  async #fetch({ partitions, maxWaitMs }: Requests["Fetch"]): Promise<unknown> {
    const { offset } = partitions[0]!;
    this.fetched.push(offset);
    const out = offset < this.earliest || offset > this.end;
    if (offset === this.end && maxWaitMs > 0 && this.error === 0) await this.#arrived.promise;
    const found = this.batches.find(({ end }) => end > offset);
    return {
      throttleMs: 0,
      error: 0,
      partitions: [{
        topic: "t",
        partition: 0,
        error: this.error || (out ? 1 : 0),
        highWatermark: this.end,
        logStartOffset: this.earliest,
        records: out || this.error !== 0 ? new Uint8Array() : found?.bytes ?? new Uint8Array(),
      }],
    };
  }
}
