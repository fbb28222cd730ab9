// Consumer groups of the memory transport.
import type { IncomingRecord } from "../../wire/record.ts";
import { settleWithin } from "../../async/deadline.ts";
import { type ConsumeOptions, type Consumption, REVOKE_MS } from "../transport.ts";

/** One partition of a topic. */
export interface MemoryPartition {
  /** Every record that was produced, at the index of its offset. */
  readonly records: readonly IncomingRecord[];
}

/** A consumer group on a topic; its commits outlive its members. */
export interface MemoryGroup {
  /** Offset of the next record to consume, by partition; nothing where none is committed. */
  readonly committed: Map<number, bigint>;
}

/** A partition, and who waits for more of its records. */
export interface Partition {
  readonly records: IncomingRecord[];
  /** Called after each record. */
  readonly listeners: Set<() => void>;
}

/** A group: its members share the partitions. */
export class ConsumerGroup implements MemoryGroup {
  readonly partitions: readonly Partition[];
  readonly committed: Map<number, bigint> = new Map();
  readonly #members: Member[] = [];
  /** One rebalance at a time; each begins with the members of its moment. */
  #rebalanced: Promise<void> = Promise.resolve();

  constructor(partitions: readonly Partition[]) {
    this.partitions = partitions;
  }

  /** Names of its members. */
  get names(): readonly (string | undefined)[] {
    return this.#members.map(({ name }) => name);
  }

  /** Adds a member; resolves when the partitions are dealt out anew. */
  async join(options: ConsumeOptions): Promise<Consumption> {
    const member = new Member(this, options);
    this.#members.push(member);
    await this.#rebalance();
    return member;
  }

  /** Removes a member; the others get its partitions. */
  leave(member: Member): void {
    const index = this.#members.indexOf(member);
    if (index === -1) return;
    this.#members.splice(index, 1);
    void this.#rebalance();
  }

  #rebalance(): Promise<void> {
    return this.#rebalanced = this.#rebalanced.then(async () => {
      await Promise.all(this.#members.map((member) => member.revoke()));
      this.#members.forEach((member, index) => {
        const mine = this.partitions.map((_, partition) => partition)
          .filter((partition) => partition % this.#members.length === index);
        member.assign(mine);
      });
    });
  }
}

class Member implements Consumption {
  readonly #group: ConsumerGroup;
  readonly #options: ConsumeOptions;
  readonly #finished = Promise.withResolvers<void>();
  readonly finished: Promise<void> = this.#finished.promise;
  #generation = 0;
  #paused = false;
  #stop: (() => void) | undefined;

  get name(): string | undefined {
    return this.#options.name;
  }

  constructor(group: ConsumerGroup, options: ConsumeOptions) {
    this.#group = group;
    this.#options = options;
  }

  /** Revokes every partition; resolves when what was taken is finished, or takes too long. */
  async revoke(): Promise<void> {
    const stop = this.#stop;
    if (stop === undefined) return; // The first join revokes nothing.
    this.#generation++;
    stop();
    await settleWithin(Promise.resolve(this.#options.onRevoking?.()), REVOKE_MS);
  }

  /** Takes these partitions, each from its committed offset. */
  assign(partitions: readonly number[]): void {
    const generation = ++this.#generation;
    this.#options.onAssigned(partitions);
    const stops = partitions.map((partition) => this.#follow(partition, generation));
    this.#stop = () => stops.forEach((stop) => stop());
  }

  certain(): undefined {
    return undefined;
  }

  pause(): void {
    this.#paused = true;
  }

  commit(offsets: ReadonlyMap<number, bigint>): Promise<void> {
    for (const [partition, offset] of offsets) this.#group.committed.set(partition, offset);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#generation++;
    this.#stop?.();
    this.#group.leave(this);
    this.#finished.resolve();
    return this.#finished.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #follow(index: number, generation: number): () => void {
    const { records, listeners } = this.#group.partitions[index]!;
    let next = Number(this.#group.committed.get(index) ?? 0n);
    let busy = false;
    const run = async () => {
      if (busy) return;
      busy = true;
      while (next < records.length) {
        for (let wait = this.#options.ready(); wait !== undefined; wait = this.#options.ready()) {
          await wait;
        }
        if (generation !== this.#generation || this.#paused) break;
        this.#options.onRecord(records[next++]!);
      }
      busy = false;
    };
    listeners.add(run);
    queueMicrotask(run);
    return () => listeners.delete(run);
  }
}
