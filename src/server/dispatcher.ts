/**
 * Records under way, and the offsets that they leave to commit.
 *
 * @module
 */
import type { Logger } from "../transport/logger.ts";
import type { IncomingRecord } from "../wire/record.ts";
import type { Offsets } from "./offsets.ts";

/** What a {@linkcode Dispatcher} needs. */
export interface DispatcherOptions {
  /** Most records under way: waiting, running, or answered without an acknowledgement. */
  readonly most: number;
  /** Answers a record; false where it was let go of. It is not expected to reject. */
  readonly answer: (record: IncomingRecord) => Promise<boolean>;
  /** What is taken and finished. */
  readonly offsets: Offsets;
  /** Where a rejection is told. */
  readonly logger: Logger;
}

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
    const { partition, offset } = record;
    if (!this.#options.offsets.take(partition, offset)) return;
    const work = this.#answer(record).finally(() => {
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

  async #answer(record: IncomingRecord): Promise<void> {
    const { answer, offsets, logger } = this.#options;
    const { topic, partition, offset } = record;
    let answered = true;
    try {
      answered = await answer(record);
    } catch (error) {
      // Nothing there is expected to fail; if it does, this record must not hold the others back.
      logger.error("a record could not be handled", { topic, partition, offset, error });
    }
    if (answered) offsets.finish(partition, offset);
    else offsets.release(partition, offset);
  }
}
