/**
 * Gathers the records of one tick into one request.
 *
 * @module
 */
import { type OutgoingRecord, recordBytes } from "../wire/record.ts";

/** Limits of a {@linkcode Batcher}. */
export interface BatcherLimits {
  /** Most records in one request. */
  readonly maxRecords: number;
  /** Most bytes in one request: a broker refuses a batch over `max.message.bytes` whole. */
  readonly maxBytes: number;
  /** Most requests in flight; records that come meanwhile wait and go together. */
  readonly maxInFlight: number;
}

interface Waiting {
  readonly record: OutgoingRecord;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends records in batches: those of one tick together, and, while requests
 * are in flight, those that come in the meantime. Thousands of requests of one
 * record each would stall a connection; one request a tick does not.
 */
export class Batcher {
  readonly #send: (records: readonly OutgoingRecord[]) => readonly Promise<void>[];
  readonly #splits: (error: unknown) => boolean;
  readonly #limits: BatcherLimits;
  #waiting: Waiting[] = [];
  #inFlight = 0;
  #scheduled = false;
  #idle: (() => void)[] = [];

  /**
   * @param send Sends records, and gives one promise for each.
   * @param options The limits, and `splits`: whether records that failed together are sent
   * again one by one, because only one of them may be at fault.
   */
  constructor(
    send: (records: readonly OutgoingRecord[]) => readonly Promise<void>[],
    options: BatcherLimits & { splits?: (error: unknown) => boolean },
  ) {
    this.#send = send;
    this.#splits = options.splits ?? (() => false);
    this.#limits = options;
  }

  /**
   * Adds a record to the batch of this tick.
   *
   * @param record The record.
   * @returns Resolves when its batch is acknowledged, rejects when it failed.
   */
  add(record: OutgoingRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        record,
        bytes: recordBytes(record),
        resolve,
        reject,
      });
      this.#schedule();
    });
  }

  /** Resolves when nothing waits and nothing is in flight. */
  async idle(): Promise<void> {
    if (this.#waiting.length === 0 && this.#inFlight === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled || this.#inFlight >= this.#limits.maxInFlight) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      while (
        this.#waiting.length > 0 && this.#inFlight < this.#limits.maxInFlight
      ) {
        this.#dispatch(this.#take());
      }
    });
  }

  /** Cuts one batch off the front. */
  #take(): Waiting[] {
    let count = 0;
    let bytes = 0;
    for (const waiting of this.#waiting) {
      bytes += waiting.bytes;
      const full = count >= this.#limits.maxRecords ||
        bytes > this.#limits.maxBytes;
      if (full && count > 0) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #dispatch(batch: readonly Waiting[]): Promise<void> {
    this.#inFlight++;
    try {
      await this.#attempt(batch);
    } finally {
      this.#inFlight--;
      if (this.#waiting.length > 0) this.#schedule();
      else if (this.#inFlight === 0) {
        this.#idle.splice(0).forEach((resolve) => resolve());
      }
    }
  }

  async #attempt(batch: readonly Waiting[]): Promise<void> {
    const alone: Waiting[] = [];
    const sent = this.#send(batch.map(({ record }) => record));
    await Promise.all(batch.map(async (waiting, index) => {
      try {
        await sent[index];
        waiting.resolve();
      } catch (error) {
        if (batch.length > 1 && this.#splits(error)) alone.push(waiting);
        else waiting.reject(error);
      }
    }));
    for (const waiting of alone) await this.#attempt([waiting]);
  }
}
