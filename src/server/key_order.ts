// Requests with a partition key, one after the other.
import { HEADER } from "../wire/headers.ts";
import { textOf } from "../wire/utf8.ts";
import type { IncomingRecord } from "../wire/record.ts";
import type { ServerCounts } from "./counts.ts";

/** Handles a record; false where it was released, and must come again. */
export type RecordHandler = (record: IncomingRecord) => Promise<boolean> | boolean;

/** A request that waits for the one before it. */
type Waiting = (handle: boolean) => void;

/**
 * Hands on requests of one key in the order of their partition, each when the one before it is
 * answered. Those of other keys, and those whose key is their id, are not held up.
 */
export class KeyOrder {
  readonly #next: RecordHandler;
  readonly #counts: ServerCounts;
  /** Who waits, by key; a key is here while one of its requests is handled. */
  readonly #keys = new Map<string, Waiting[]>();

  constructor(next: RecordHandler, counts: ServerCounts) {
    this.#next = next;
    this.#counts = counts;
  }

  readonly handle: RecordHandler = (record) => {
    const name = orderOf(record);
    if (name === undefined) return this.#next(record);
    const queue = this.#keys.get(name);
    if (queue === undefined) {
      this.#keys.set(name, []);
      return this.#run(record, name);
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    queue.push(resolve);
    this.#counts.waiting++;
    return promise.then((isTurn) => {
      this.#counts.waiting--;
      return isTurn && this.#run(record, name);
    });
  };

  /** Releases all that wait: another server has the partitions from now on. */
  evict(): void {
    for (const queue of this.#keys.values()) release(queue);
  }

  async #run(record: IncomingRecord, name: string): Promise<boolean> {
    let isFinished = true;
    try {
      return isFinished = await this.#next(record);
    } finally {
      const queue = this.#keys.get(name)!;
      // What comes after one that was released must not run before it.
      if (!isFinished) release(queue);
      const turn = queue.shift();
      if (turn === undefined) this.#keys.delete(name);
      else turn(true);
    }
  }
}

function release(queue: Waiting[]): void {
  for (const waiting of queue.splice(0)) waiting(false);
}

/** Undefined where the key is no more than the id. */
function orderOf({ partition, key, headers }: IncomingRecord): string | undefined {
  if (key === null || !headers.has(HEADER.id)) return undefined;
  return `${partition} ${textOf(key) ?? key.toBase64()}`;
}
