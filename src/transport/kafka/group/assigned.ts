// Records of the partitions that a member has just now.
import { withDeadline } from "../../../async/deadline.ts";
import type { IncomingRecord } from "../../../wire/record.ts";
import type { ConsumeOptions } from "../../transport.ts";
import { Feed, type FeedOptions } from "../feed.ts";
import { EARLIEST } from "../port.ts";
import type { CommittedOffsets } from "./offsets.ts";

const MAX_WAIT_MS = 500;

interface AssignedOptions
  extends
    Pick<ConsumeOptions, "topic" | "ready" | "onRecord" | "onPassed" | "onUnreadable">,
    Pick<FeedOptions, "cluster" | "maxUnpackedBytes" | "unreadable" | "onFailure" | "onSteady"> {
  readonly committed: CommittedOffsets;
  readonly isPaused: () => boolean;
  /** Resolves when the membership is certain again; undefined where it is. */
  readonly certain: () => Promise<void> | undefined;
}

/** Reads from the committed offsets on, as fast as records are taken, until it is closed. */
export class Assigned implements AsyncDisposable {
  readonly #options: AssignedOptions;
  readonly #feed: Feed;

  constructor(partitions: readonly number[], options: AssignedOptions) {
    this.#options = options;
    this.#feed = new Feed({
      ...options,
      maxWaitMs: MAX_WAIT_MS,
      background: false,
      // A new group begins at the earliest record. Records older than the log are gone; a log that
      // is shorter than it was is another one.
      seek: async ({ partition, position }, ask) => {
        const committed = position === undefined
          ? await options.committed.of(partition)
          : undefined;
        return committed ?? await ask(EARLIEST);
      },
      onRecord: (record) => this.#deliver(record),
      onUnreadable: (passed) => {
        options.onUnreadable?.(passed);
        // Small unreadable batches may come by the thousand.
        const wait = options.ready();
        return wait && this.#unlessClosed(wait);
      },
    }, new Map(partitions.map((partition) => [partition, undefined])));
  }

  /** Undefined where it could be delivered at once, as most are. */
  #deliver(record: IncomingRecord): Promise<void> | undefined {
    const wait = this.#wait();
    if (wait !== undefined) return this.#deliverAfter(wait, record);
    this.#options.onRecord(record);
    return undefined;
  }

  async #deliverAfter(first: Promise<void>, record: IncomingRecord): Promise<void> {
    for (let wait: Promise<void> | undefined = first; wait !== undefined; wait = this.#wait()) {
      await this.#unlessClosed(wait);
      if (this.#feed.signal.aborted) return;
    }
    this.#options.onRecord(record);
  }

  /**
   * Resolves with the wait, or when this is closed. By the signal: each race with a promise that
   * lasts as long as this would leave something there, for every record that ever waited.
   */
  async #unlessClosed(wait: Promise<void>): Promise<void> {
    const { signal } = this.#feed;
    try {
      await withDeadline(wait, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #wait(): Promise<void> | undefined {
    const { ready, certain, isPaused } = this.#options;
    return isPaused() ? new Promise(() => {}) : ready() ?? certain();
  }

  /** Ends it: no record is delivered once it has been called. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#feed.close();
  }
}
