/**
 * Which offset may be committed.
 *
 * @module
 */

interface Entry {
  /** Open: it is worked on. Released: it must come again. Done: it is answered. */
  state: "open" | "released" | "done";
}

/**
 * The open and finished records of one partition. Commands finish in any
 * order; what may be committed is the offset of the lowest one that has not.
 */
export class PartitionOffsets {
  /** In the order of the partition, from the last commit on. */
  readonly #entries = new Map<bigint, Entry>();
  /** Offset behind the last record, and behind what stands there and is no record. */
  #next: bigint | undefined;
  #committed: bigint | undefined;
  /** How many entries are released. */
  #released = 0;

  /**
   * Takes a record.
   *
   * @param offset Its offset.
   * @returns False where it was taken already: after a rebalance a partition
   * comes again from its last commit, also to the member that kept it.
   */
  take(offset: bigint): boolean {
    // Before the last commit nothing comes twice: this log is a new one, of a topic made anew.
    if (this.#committed !== undefined && offset < this.#committed) {
      this.#entries.clear();
      this.#released = 0;
      this.#committed = undefined;
    }
    this.#forgetPassed(offset);
    const entry = this.#entries.get(offset);
    if (entry !== undefined) {
      const again = entry.state === "released";
      if (again) {
        entry.state = "open";
        this.#released--;
      }
      return again;
    }
    this.#entries.set(offset, { state: "open" });
    this.#next = offset + 1n;
    return true;
  }

  /**
   * Forgets records that were let go of and are behind the partition now: another server answered
   * them meanwhile, or they are deleted. They would hold the commits back for ever.
   */
  #forgetPassed(offset: bigint): void {
    // Nearly always none: a walk for each record would take minutes for a hundred thousand of them.
    if (this.#released === 0) return;
    for (const [earlier, { state }] of this.#entries) {
      if (earlier >= offset) break;
      if (state === "released") this.#forget(earlier);
    }
  }

  /** Finishes a record: it is answered, or will never be. */
  finish(offset: bigint): void {
    const entry = this.#entries.get(offset);
    if (entry === undefined) return;
    if (entry.state === "released") this.#released--;
    entry.state = "done";
  }

  /**
   * Notes that nothing is left to take below an offset: behind the last record stand markers of
   * transactions, for example. Without it they would count as lag for as long as no request comes.
   */
  pass(next: bigint): void {
    if (this.#next === undefined || next > this.#next) this.#next = next;
  }

  /** Lets go of a record that was not worked on: it is not committed, and may be taken again. */
  release(offset: bigint): void {
    const entry = this.#entries.get(offset);
    if (entry === undefined || entry.state === "released") return;
    entry.state = "released";
    this.#released++;
  }

  /** The offset to commit; undefined where there is nothing new. */
  get committable(): bigint | undefined {
    let lowest: bigint | undefined;
    for (const [offset, { state }] of this.#entries) {
      if (state !== "done") {
        lowest = offset;
        break;
      }
    }
    const offset = lowest ?? this.#next;
    return offset === this.#committed ? undefined : offset;
  }

  /**
   * Forgets what lies below a committed offset.
   *
   * @param committed The offset as it was committed.
   */
  commit(committed: bigint): void {
    this.#committed = committed;
    for (const offset of this.#entries.keys()) {
      if (offset >= committed) break;
      this.#forget(offset);
    }
  }

  #forget(offset: bigint): void {
    if (this.#entries.get(offset)?.state === "released") this.#released--;
    this.#entries.delete(offset);
  }
}

/** The {@linkcode PartitionOffsets} of every partition that this server has. */
export class Offsets {
  readonly #partitions = new Map<number, PartitionOffsets>();

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

  /** Takes a record; see {@linkcode PartitionOffsets.take}. */
  take(partition: number, offset: bigint): boolean {
    return this.#partitions.get(partition)?.take(offset) ?? false;
  }

  /** Finishes a record; of a partition that has gone to another server it means nothing. */
  finish(partition: number, offset: bigint): void {
    this.#partitions.get(partition)?.finish(offset);
  }

  /** Passes what is no record; see {@linkcode PartitionOffsets.pass}. */
  pass(partition: number, next: bigint): void {
    this.#partitions.get(partition)?.pass(next);
  }

  /** Lets go of a record; see {@linkcode PartitionOffsets.release}. */
  release(partition: number, offset: bigint): void {
    this.#partitions.get(partition)?.release(offset);
  }

  /** The offsets to commit, by partition. */
  committable(): Map<number, bigint> {
    const offsets = new Map<number, bigint>();
    for (const [partition, { committable }] of this.#partitions) {
      if (committable !== undefined) offsets.set(partition, committable);
    }
    return offsets;
  }

  /** Notes that these offsets are committed. */
  commit(offsets: ReadonlyMap<number, bigint>): void {
    for (const [partition, offset] of offsets) {
      this.#partitions.get(partition)?.commit(offset);
    }
  }
}
