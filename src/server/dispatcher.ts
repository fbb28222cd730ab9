/**
 * Records under way: so many at a time, each answered in its own time.
 *
 * @module
 */
import type { Logger } from "../transport/logger.ts";
import type { IncomingRecord } from "../wire/record.ts";

/** What a {@linkcode Dispatcher} needs. */
export interface DispatcherOptions {
  /** Most commands that run at a time. */
  readonly concurrency: number;
  /** Answers a record, and calls `ran` when its command has run; it is not expected to reject. */
  readonly answer: (record: IncomingRecord, ran: () => void) => Promise<void>;
  /** Where a rejection is told. */
  readonly logger: Logger;
}

/** Most replies that are not acknowledged; they hold no command back, and must not pile up. */
const MAX_UNACKNOWLEDGED = 2_000;

/** Hands records on, and holds back what is over its concurrency. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #underWay = new Set<Promise<void>>();
  #running = 0;
  #free: PromiseWithResolvers<void> | undefined;

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
    const { concurrency } = this.#options;
    const room = this.#underWay.size < concurrency + MAX_UNACKNOWLEDGED;
    if (this.#running < concurrency && room) return undefined;
    this.#free ??= Promise.withResolvers<void>();
    return this.#free.promise;
  }

  /**
   * Takes a record.
   *
   * @param record Any record of the commands topic, however broken.
   * @param done Called when it is answered, or will never be.
   */
  dispatch(record: IncomingRecord, done: () => void): void {
    const { topic, partition, offset } = record;
    let running = true;
    this.#running++;
    const ran = () => {
      if (running) this.#running--;
      running = false;
      this.#wake();
    };
    const work = this.#options.answer(record, ran)
      .catch((error) => {
        // Nothing there is expected to fail; if it does, this record must not hold the others back.
        const place = { topic, partition, offset };
        this.#options.logger.error("a record could not be handled", { ...place, error });
      })
      .finally(() => {
        this.#underWay.delete(work);
        ran();
        done();
      });
    this.#underWay.add(work);
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #wake(): void {
    this.#free?.resolve();
    this.#free = undefined;
  }
}
