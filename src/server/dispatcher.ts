/**
 * Records under way, and the offsets that they leave to commit.
 *
 * @module
 */
import type { Logger } from "../logging/logger.ts";
import type { PassedRecords } from "../transport/transport.ts";
import type { IncomingRecord } from "../wire/record.ts";
import type { Offsets } from "./offsets.ts";

/** What a {@linkcode Dispatcher} needs. */
export interface DispatcherOptions {
  /** Most records under way: waiting, running, or answered without an acknowledgement. */
  readonly most: number;
  /**
   * Answers a record; false where it was let go of. It is not expected to reject. Without a promise
   * where there is nothing to wait for: unreadable records may come by the hundred thousand.
   */
  readonly answer: (record: IncomingRecord) => Promise<boolean> | boolean;
  /** Keeps what is left of records that can't be read. It is not expected to reject. */
  readonly pass: (passed: PassedRecords) => Promise<void>;
  /** What is taken and finished. */
  readonly offsets: Offsets;
  /** Where a rejection is told. */
  readonly logger: Logger;
}

type Place = Pick<IncomingRecord, "topic" | "partition" | "offset">;

/** Hands records on, and holds back what is too much. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #underWay = new Set<Promise<void>>();
  #room: PromiseWithResolvers<void> | undefined;

  /**
   * Creates a dispatcher.
   *
   * @param options What it needs.
   */
  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Resolves when another record may be handed in; undefined where it may at once. */
  ready(): Promise<void> | undefined {
    if (this.#underWay.size < this.#options.most) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  /**
   * Takes a record, unless it is under way or answered already.
   *
   * @param record Any record of the commands topic, however broken.
   */
  dispatch(record: IncomingRecord): void {
    this.#begin(record, () => this.#options.answer(record));
  }

  /**
   * Takes offsets whose records can't be read, as one. They hold the commit back until what is left
   * of them is kept.
   *
   * @param passed The offsets, and why they can't be read.
   */
  pass(passed: PassedRecords): void {
    const { topic, partition, fromOffset } = passed;
    this.#begin({ topic, partition, offset: fromOffset }, async () => {
      await this.#options.pass(passed);
      return true;
    });
  }

  #begin(place: Place, handle: () => Promise<boolean> | boolean): void {
    if (!this.#options.offsets.take(place.partition, place.offset)) return;
    let answered: Promise<boolean> | boolean;
    try {
      answered = handle();
    } catch (error) {
      answered = this.#failed(place, error);
    }
    if (typeof answered === "boolean") return this.#end(place, answered);
    const work = answered.catch((error) => this.#failed(place, error)).then((answered) => {
      this.#end(place, answered);
      this.#underWay.delete(work);
      this.#room?.resolve();
      this.#room = undefined;
    });
    this.#underWay.add(work);
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Nothing there is expected to fail; if it does, this record must not hold the others back. */
  #failed({ topic, partition, offset }: Place, error: unknown): true {
    this.#options.logger.error("a record could not be handled", {
      topic,
      partition,
      offset,
      error,
    });
    return true;
  }

  #end({ partition, offset }: Place, answered: boolean): void {
    const { offsets } = this.#options;
    if (answered) offsets.finish(partition, offset);
    else offsets.release(partition, offset);
  }
}
