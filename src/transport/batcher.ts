// Gathers the records of one tick into one request.
import { type OutgoingRecord, recordBytes } from "../wire/record.ts";

export interface BatcherOptions {
  readonly maxRecords: number;
  /** Most bytes in one request: a broker refuses a batch over `max.message.bytes` whole. */
  readonly maxBytes: number;
  /** Most requests in flight; records that come meanwhile wait and go together. */
  readonly maxInFlight: number;
  /** Awaited before each batch is cut; where it rejects, all that wait have failed with it. */
  readonly ready: () => Promise<void>;
  /** Whether records that failed together are sent again one by one: only one may be at fault. */
  readonly splits?: (error: unknown) => boolean;
  /** What a record rejects with after such a failure. Default: the failure itself. */
  readonly errorOf?: (failure: unknown, record: OutgoingRecord) => unknown;
}

/** Sends records, and gives one promise for each. */
type Send = (records: readonly OutgoingRecord[]) => readonly Promise<void>[];

interface Waiting {
  readonly record: OutgoingRecord;
  readonly bytes: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends records in batches: those of one tick together, and, while requests
 * are in flight, those that come in the meantime. Thousands of requests of one
 * record each would stall a connection; one request a tick does not.
 */
export class Batcher {
  readonly #send: Send;
  readonly #options: BatcherOptions;
  #waiting: Waiting[] = [];
  #inFlight = 0;
  #scheduled = false;
  #idle: (() => void)[] = [];

  constructor(send: Send, options: BatcherOptions) {
    this.#send = send;
    this.#options = options;
  }

  /**
   * Adds a record to the batch of this tick; resolves when that is acknowledged. Once the signal has
   * aborted, the record is not sent any more: it rejects with the reason.
   */
  add(record: OutgoingRecord, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, bytes: recordBytes(record), signal, resolve, reject });
      this.#schedule();
    });
  }

  async idle(): Promise<void> {
    if (this.#waiting.length === 0 && this.#inFlight === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled || this.#inFlight >= this.#options.maxInFlight) return;
    this.#scheduled = true;
    void this.#cut();
  }

  /** Batches are cut when they can be sent, and not before: who waits longer may be gone by then. */
  async #cut(): Promise<void> {
    const failure = await this.#options.ready().catch((error) => ({ error }));
    this.#scheduled = false;
    if (failure !== undefined) {
      for (const waiting of this.#waiting.splice(0)) this.#fail(waiting, failure.error);
    }
    while (this.#waiting.length > 0 && this.#inFlight < this.#options.maxInFlight) {
      const batch = this.#take();
      if (batch.length > 0) void this.#dispatch(batch);
    }
    this.#look();
  }

  #look(): void {
    if (this.#waiting.length > 0 || this.#inFlight > 0) return;
    this.#idle.splice(0).forEach((resolve) => resolve());
  }

  /** Cuts one batch off the front; leaves out what nobody wants any more. */
  #take(): Waiting[] {
    const { maxRecords, maxBytes } = this.#options;
    const batch: Waiting[] = [];
    let passed = 0;
    let bytes = 0;
    for (const waiting of this.#waiting) {
      const { signal } = waiting;
      if (signal?.aborted) waiting.reject(signal.reason);
      else {
        bytes += waiting.bytes;
        if (batch.length > 0 && (batch.length >= maxRecords || bytes > maxBytes)) break;
        batch.push(waiting);
      }
      passed++;
    }
    this.#waiting.splice(0, passed);
    return batch;
  }

  async #dispatch(batch: readonly Waiting[]): Promise<void> {
    this.#inFlight++;
    try {
      await this.#attempt(batch);
    } finally {
      this.#inFlight--;
      if (this.#waiting.length > 0) this.#schedule();
      this.#look();
    }
  }

  async #attempt(batch: readonly Waiting[]): Promise<void> {
    const alone: Waiting[] = [];
    const sent = this.#send(batch.map(({ record }) => record));
    // Those of a partition share their promise: a wait of its own for each record takes 1 µs more.
    const shared = Map.groupBy(batch.keys(), (index) => sent[index]!);
    await Promise.all([...shared].map(async ([acknowledged, indices]) => {
      try {
        await acknowledged;
        for (const index of indices) batch[index]!.resolve();
      } catch (error) {
        const splits = batch.length > 1 && this.#options.splits?.(error);
        for (const index of indices) {
          if (splits) alone.push(batch[index]!);
          else this.#fail(batch[index]!, error);
        }
      }
    }));
    for (const waiting of alone) {
      const { signal, reject } = waiting;
      if (signal?.aborted) reject(signal.reason);
      else await this.#attempt([waiting]);
    }
  }

  #fail({ record, reject }: Waiting, failure: unknown): void {
    const { errorOf } = this.#options;
    reject(errorOf === undefined ? failure : errorOf(failure, record));
  }
}
