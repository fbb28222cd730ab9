// Which partitions are still to be read up to where they ended when it began.

/** So many answers with nothing new of a partition: what is left up to its end was compacted away. */
const EMPTY_ANSWERS = 3;

interface Left {
  readonly end: bigint;
  next: bigint;
  empty: number;
}

export class UpToEnds {
  readonly #left: Map<number, Left>;
  readonly #done = Promise.withResolvers<void>();
  /** Resolves when no partition is left; rejects by `fail`. */
  readonly done: Promise<void> = this.#done.promise;

  constructor(partitions: Iterable<{ partition: number; next: bigint; end: bigint }>) {
    this.#left = new Map(
      [...partitions].flatMap(({ partition, next, end }) =>
        next < end ? [[partition, { next, end, empty: 0 }]] : []
      ),
    );
    this.#settle();
  }

  /** Where to begin in each partition that is left. */
  get positions(): ReadonlyMap<number, bigint> {
    return new Map([...this.#left].map(([partition, { next }]) => [partition, next]));
  }

  has(partition: number): boolean {
    return this.#left.has(partition);
  }

  /** Everything below an offset was read. */
  pass(partition: number, next: bigint): void {
    const left = this.#left.get(partition);
    if (left === undefined) return;
    if (next > left.next) left.empty = 0;
    left.next = next;
    if (next >= left.end) this.leave(partition);
  }

  /** An answer had nothing new of these. */
  empty(partitions: readonly number[]): void {
    for (const partition of partitions) {
      const left = this.#left.get(partition);
      if (left !== undefined && ++left.empty >= EMPTY_ANSWERS) this.leave(partition);
    }
  }

  leave(partition: number): void {
    this.#left.delete(partition);
    this.#settle();
  }

  leaveAll(): void {
    this.#left.clear();
    this.#settle();
  }

  fail(error: unknown): void {
    this.#done.reject(error);
  }

  #settle(): void {
    if (this.#left.size === 0) this.#done.resolve();
  }
}
