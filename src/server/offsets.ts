// Which offset may be committed.

/**
 * The records of one partition that are not finished. Commands finish in any order; what may be
 * committed is the offset of the lowest record that has not.
 */
export class PartitionOffsets {
  /** In the order of the partition. Open: it is handled. Released: it must come again. */
  readonly #unfinished = new Map<bigint, "open" | "released">();
  /** Offset of the first record of this log that came. */
  #first: bigint | undefined;
  /** Offset behind the last record, and behind what stands there and is no record. */
  #next: bigint | undefined;
  #committed: bigint | undefined;
  /** While a commit is in doubt: it may still take the later ones back, but not below this offset. */
  #floor: bigint | undefined;
  /** Offsets that were released, the lowest last once they are sorted; some are taken again. */
  readonly #released: bigint[] = [];
  #isSorted = true;
  /** Unfinished when others may have got the partition: they hold nothing back until they come again. */
  readonly #left = new Map<bigint, "open" | "released">();
  /** Below this offset everything was taken, by this server. */
  #seen: bigint | undefined;

  /**
   * Takes a record; false where it was taken already: after a rebalance a partition comes again
   * from its last commit, also to the member that kept it.
   */
  take(offset: bigint): boolean {
    const lowest = this.#floor ?? this.#committed ?? this.#first;
    // Nothing below these comes twice: this log is a new one, of a topic made anew.
    if (lowest !== undefined && offset < lowest) this.#beginAnew();
    this.#forgetPassed(offset);
    const left = this.#left.size > 0 ? this.#left.get(offset) : undefined;
    const isReleased = left === "released" || this.#unfinished.get(offset) === "released";
    const isSeen = this.#seen !== undefined && offset < this.#seen;
    if (this.#next === undefined || offset >= this.#next) this.#next = offset + 1n;
    if (isSeen && !isReleased && left === undefined) return false;
    if (left !== undefined) this.#left.delete(offset);
    if (!isSeen) this.#seen = this.#next;
    this.#first ??= offset;
    this.#unfinished.set(offset, "open");
    return !isSeen || isReleased;
  }

  /**
   * Notes that others may have got the partition: they commit, and what was known of it here is old.
   * It would take their commits back. What this server worked on is not taken twice, all the same.
   */
  leave(): void {
    for (const [offset, state] of this.#unfinished) this.#left.set(offset, state);
    this.#unfinished.clear();
    this.#next = undefined;
  }

  #beginAnew(): void {
    this.#unfinished.clear();
    this.#left.clear();
    this.#released.length = 0;
    this.#first = this.#next = this.#seen = undefined;
    this.#committed = this.#floor = undefined;
  }

  /**
   * Forgets records that were released and are behind the partition now: another server answered
   * them meanwhile, or they are deleted. They would hold the commits back for ever.
   */
  #forgetPassed(offset: bigint): void {
    // Each is looked at once: a walk for each record would take minutes for a hundred thousand.
    if (!this.#isSorted) this.#released.sort((one, other) => one < other ? 1 : -1);
    this.#isSorted = true;
    while (this.#released.length > 0 && this.#released.at(-1)! < offset) {
      const earlier = this.#released.pop()!;
      for (const records of [this.#left, this.#unfinished]) {
        if (records.get(earlier) === "released") records.delete(earlier);
      }
    }
  }

  /** Finishes a record: it is answered, or will never be. */
  finish(offset: bigint): void {
    if (this.#left.size > 0 && this.#left.delete(offset)) return;
    this.#unfinished.delete(offset);
  }

  /**
   * Notes that nothing is left to take below an offset: behind the last record stand markers of
   * transactions, for example. Without it they would count as lag for as long as no request comes.
   */
  pass(next: bigint): void {
    this.#first ??= next;
    if (this.#next === undefined || next > this.#next) this.#next = next;
    if (this.#seen === undefined || next > this.#seen) this.#seen = next;
  }

  /** Releases a record that was not handled: it is not committed, and may be taken again. */
  release(offset: bigint): void {
    for (const records of [this.#left, this.#unfinished]) {
      if (records.get(offset) === "open") records.set(offset, "released");
    }
    this.#released.push(offset);
    this.#isSorted = false;
  }

  /** The offset to commit; undefined where there is nothing new. `again`: also what is not new. */
  committable({ again = false } = {}): bigint | undefined {
    const [lowest] = this.#unfinished.keys();
    const offset = lowest ?? this.#next;
    return offset === this.#committed && !again ? undefined : offset;
  }

  commit(committed: bigint): void {
    this.#committed = committed;
  }

  /** Notes that a commit failed: the broker may have handled it, or may yet. */
  doubt(): void {
    this.#floor ??= this.#committed ?? this.#first;
  }

  /** Notes that no commit in doubt is left. */
  trust(): void {
    this.#floor = undefined;
  }
}

/** The {@linkcode PartitionOffsets} of every partition that this server has. */
export class Offsets {
  readonly #partitions = new Map<number, PartitionOffsets>();
  readonly #onChange: () => void;

  /** `onChange` is called whenever there may be something to commit. */
  constructor(onChange: () => void = () => {}) {
    this.#onChange = onChange;
  }

  /** Keeps these partitions and forgets the others. */
  assign(partitions: readonly number[]): void {
    for (const partition of this.#partitions.keys()) {
      if (!partitions.includes(partition)) this.#partitions.delete(partition);
    }
    for (const partition of partitions) {
      if (!this.#partitions.has(partition)) {
        this.#partitions.set(partition, new PartitionOffsets());
      }
    }
  }

  leave(): void {
    for (const partition of this.#partitions.values()) partition.leave();
  }

  take(partition: number, offset: bigint): boolean {
    this.#onChange();
    return this.#partitions.get(partition)?.take(offset) ?? false;
  }

  /** Finishes a record; of a partition that has gone to another server it means nothing. */
  finish(partition: number, offset: bigint): void {
    this.#partitions.get(partition)?.finish(offset);
    this.#onChange();
  }

  pass(partition: number, next: bigint): void {
    this.#partitions.get(partition)?.pass(next);
    this.#onChange();
  }

  release(partition: number, offset: bigint): void {
    this.#partitions.get(partition)?.release(offset);
    this.#onChange();
  }

  /** The offsets to commit, by partition. `again`: also those that are committed. */
  committable(options?: { readonly again: boolean }): Map<number, bigint> {
    const offsets = new Map<number, bigint>();
    for (const [partition, records] of this.#partitions) {
      const committable = records.committable(options);
      if (committable !== undefined) offsets.set(partition, committable);
    }
    return offsets;
  }

  doubt(): void {
    for (const partition of this.#partitions.values()) partition.doubt();
  }

  trust(): void {
    for (const partition of this.#partitions.values()) partition.trust();
  }

  commit(offsets: ReadonlyMap<number, bigint>): void {
    for (const [partition, offset] of offsets) {
      this.#partitions.get(partition)?.commit(offset);
    }
  }
}
