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
  readonly #inFlight = new Set<Promise<void>>();
  /** Streams that have begun, by their place: they hold back no commit, and no rebalance. */
  readonly #begun = new Set<string>();
  #room: PromiseWithResolvers<void> | undefined;
  #settled: PromiseWithResolvers<void> | undefined;

  constructor(options: InFlightOptions) {
    this.#options = options;
  }

  /** Resolves when another record may be handed in; undefined where it may at once. */
  ready(): Promise<void> | undefined {
    if (this.#inFlight.size < this.#options.max) return undefined;
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
    const end = (finished: boolean) => {
      this.#end(place, finished);
      this.#inFlight.delete(work);
      this.#checkSettled();
      this.#room?.resolve();
      this.#room = undefined;
    };
    const work = finished.then(end, (error) => end(this.#failed(place, error)));
    this.#inFlight.add(work);
  }

  /** Resolves when nothing is in flight any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#inFlight);
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
    if (this.#settled === undefined || this.#inFlight.size > this.#begun.size) return;
    this.#settled.resolve();
    this.#settled = undefined;
  }

  /** Nothing there is expected to fail; if it does, this record must not hold the others back. */
  #failed(place: LogPlace, error: unknown): true {
    this.#options.logger.error("a record could not be handled", { ...place, error });
    return true;
  }

  #end({ partition, offset }: LogPlace, finished: boolean): void {
    if (this.#begun.size > 0 && this.#begun.delete(nameOf(partition, offset))) return;
    const { offsets } = this.#options;
    if (finished) offsets.finish(partition, offset);
    else offsets.release(partition, offset);
  }
}

const nameOf = (partition: number, offset: bigint): string => `${partition} ${offset}`;
