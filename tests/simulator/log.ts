/**
 * The log of one partition.
 *
 * @module
 */
import { type BatchOfRecords, encodeBatch } from "./batch.ts";

interface Stored {
  readonly baseOffset: bigint;
  readonly nextOffset: bigint;
  readonly timestamp: number;
  readonly bytes: Uint8Array;
}

/** Batches in order, and who waits for the next one. */
export class PartitionLog {
  readonly #batches: Stored[] = [];
  readonly #waiting = new Set<() => void>();
  startOffset = 0n;
  nextOffset = 0n;

  /** Appends a batch; gives its first offset. */
  append(records: BatchOfRecords["records"], timestamp: number, attributes = 0): bigint {
    const baseOffset = this.nextOffset;
    const bytes = encodeBatch({ baseOffset, timestamp, records, attributes });
    this.appendBytes(bytes, records.length, timestamp);
    return baseOffset;
  }

  /** Appends a batch as it is, however broken; its header must say where it begins and ends. */
  appendBytes(bytes: Uint8Array, count: number, timestamp: number): void {
    const baseOffset = this.nextOffset;
    this.nextOffset += BigInt(count);
    this.#batches.push({ baseOffset, nextOffset: this.nextOffset, timestamp, bytes });
    this.wake();
  }

  /** Deletes the records before an offset. */
  deleteBefore(offset: bigint): void {
    this.startOffset = offset;
    const kept = this.#batches.findIndex(({ nextOffset }) => nextOffset > offset);
    this.#batches.splice(0, kept === -1 ? this.#batches.length : kept);
  }

  /** Lets those look again who wait for a record. */
  wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Whole batches from an offset on: at least one, if there is any, and no more than fit. */
  read(offset: bigint, maxBytes: number): Uint8Array {
    const found: Uint8Array[] = [];
    let size = 0;
    // Readers are near the end: from there it is a few steps back.
    let first = this.#batches.length;
    while (first > 0 && this.#batches[first - 1]!.nextOffset > offset) first--;
    for (const { bytes } of this.#batches.slice(first)) {
      if (found.length > 0 && size + bytes.length > maxBytes) break;
      found.push(bytes);
      size += bytes.length;
    }
    // Most reads are of one batch, as a batch is of one record.
    if (found.length === 1) return found[0]!;
    const all = new Uint8Array(size);
    let at = 0;
    for (const bytes of found) {
      all.set(bytes, at);
      at += bytes.length;
    }
    return all;
  }

  /** The first offset that is as young; −1 where none is. */
  offsetAt(timestamp: bigint): bigint {
    return this.#batches.find((one) => BigInt(one.timestamp) >= timestamp)?.baseOffset ?? -1n;
  }

  /** Calls back at the next append; gives what ends that. */
  onAppend(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }
}
