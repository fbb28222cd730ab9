// Records in flight, and the offsets that they leave to commit.
import type { Logger } from "../logging/logger.ts";
import type { PassedRecords } from "../transport/transport.ts";
import type { IncomingRecord } from "../wire/record.ts";
import { type LogPlace, placeOf } from "./incoming_call.ts";
import type { Offsets } from "./offsets.ts";

export interface InFlightOptions {
  /** Most records in flight: waiting, running, or answered without an acknowledgement. */
  readonly max: number;
  /**
   * Handles a record; false where it was released. It is not expected to reject. Without a promise
   * where there is nothing to wait for: unreadable records may come by the hundred thousand.
   */
  readonly handle: (record: IncomingRecord) => Promise<boolean> | boolean;
  /** Keeps what is left of records that can't be read. It is not expected to reject. */
  readonly pass: (passed: PassedRecords) => Promise<void>;
  readonly offsets: Offsets;
  readonly logger: Logger;
}

/** Hands records on, and holds back what is too much. */
export class InFlightRecords {
  readonly #options: InFlightOptions;
  #inFlight = 0;
  /** Streams that have begun, by their place: they hold back no commit, and no rebalance. */
  readonly #begun = new Set<string>();
  /** Those whose replies no broker takes: they keep no other record from being taken. */
  readonly #unsent = new Set<string>();
  #room: PromiseWithResolvers<void> | undefined;
  #settled: PromiseWithResolvers<void> | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(options: InFlightOptions) {
    this.#options = options;
  }

  /** Resolves when another record may be handed in; undefined where it may at once. */
  ready(): Promise<void> | undefined {
    if (this.#inFlight - this.#unsent.size < this.#options.max) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  /** Takes any record of the commands topic, unless it is in flight or answered already. */
  take(record: IncomingRecord): void {
    // Not the record: while its call waits, only its input is kept.
    this.#begin(placeOf(record), () => this.#options.handle(record));
  }

  /**
   * Takes offsets whose records can't be read, as one. They hold the commit back until what is left
   * of them is kept.
   */
  pass(passed: PassedRecords): void {
    const { topic, partition, fromOffset } = passed;
    this.#begin({ topic, partition, offset: fromOffset }, async () => {
      await this.#options.pass(passed);
      return true;
    });
  }

  #begin(place: LogPlace, handle: () => Promise<boolean> | boolean): void {
    if (!this.#options.offsets.take(place.partition, place.offset)) return;
    let finished: Promise<boolean> | boolean;
    try {
      finished = handle();
    } catch (error) {
      finished = this.#failed(place, error);
    }
    if (typeof finished === "boolean") return this.#end(place, finished);
    this.#inFlight++;
    // One closure for both: each of the thousands in flight keeps its own.
    const end = (finished: unknown) => {
      this.#end(place, typeof finished === "boolean" ? finished : this.#failed(place, finished));
      this.#inFlight--;
      this.#checkSettled();
      this.#makeRoom();
    };
    finished.then(end, end);
  }

  /**
   * No broker takes the reply to a record: the partition of its caller may be away for hours, and the
   * callers of others go on. False where as many wait so as may be in flight: it is to be given up.
   */
  unsent({ partition, offset }: LogPlace): boolean {
    const name = nameOf(partition, offset);
    if (this.#unsent.has(name)) return true;
    if (this.#unsent.size >= this.#options.max) return false;
    this.#unsent.add(name);
    this.#makeRoom();
    return true;
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  /** Resolves when nothing is in flight any more. */
  idle(): Promise<void> {
    this.#idle ??= Promise.withResolvers<void>();
    const { promise } = this.#idle;
    this.#checkSettled();
    return promise;
  }

  /**
   * A stream has begun: whatever becomes of it, its request is not run again, and need not come
   * again. It may last for hours.
   */
  begun({ partition, offset }: LogPlace): void {
    this.#options.offsets.finish(partition, offset);
    this.#begun.add(nameOf(partition, offset));
    this.#checkSettled();
  }

  /** Resolves when nothing is in flight any more but streams that have begun. */
  settled(): Promise<void> {
    this.#settled ??= Promise.withResolvers<void>();
    const { promise } = this.#settled;
    this.#checkSettled();
    return promise;
  }

  #checkSettled(): void {
    if (this.#inFlight <= this.#begun.size) {
      this.#settled?.resolve();
      this.#settled = undefined;
    }
    if (this.#inFlight > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  /** Nothing there is expected to fail; if it does, this record must not hold the others back. */
  #failed(place: LogPlace, error: unknown): true {
    this.#options.logger.error("a record could not be handled", { ...place, error });
    return true;
  }

  #end({ partition, offset }: LogPlace, finished: boolean): void {
    if (this.#unsent.size > 0) this.#unsent.delete(nameOf(partition, offset));
    if (this.#begun.size > 0 && this.#begun.delete(nameOf(partition, offset))) return;
    const { offsets } = this.#options;
    if (finished) offsets.finish(partition, offset);
    else offsets.release(partition, offset);
  }
}

const nameOf = (partition: number, offset: bigint): string => `${partition} ${offset}`;
