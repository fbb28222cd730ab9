// The offsets that a group has committed.
import type { Cluster } from "../cluster.ts";
import { throwFailure } from "../errors.ts";
import type { Lane } from "../lane.ts";
import type { GroupGeneration } from "../port.ts";

export interface CommittedOptions {
  readonly cluster: Cluster;
  readonly group: string;
  readonly topic: string;
  readonly signal: AbortSignal;
}

/** Reads and writes them, over connections of their own: a commit must not wait behind a join. */
export class CommittedOffsets implements Disposable {
  readonly #options: CommittedOptions;
  readonly #lane: Lane;

  constructor(options: CommittedOptions) {
    this.#options = options;
    this.#lane = options.cluster.lane();
  }

  /** Asks for the offset of a partition; undefined where none is committed. */
  async of(partition: number): Promise<bigint | undefined> {
    const { cluster, group, topic, signal } = this.#options;
    const request = { group, partitions: [{ topic, partition }] };
    const coordinator = await cluster.coordinator(group, { signal });
    const answer = await this.#lane.send(coordinator, "OffsetFetch", request, { signal });
    const [item] = answer.partitions;
    for (const { error } of [answer, ...answer.partitions]) this.#check("OffsetFetch", error);
    return item === undefined || item.offset < 0n ? undefined : item.offset;
  }

  /** Commits offsets by partition. Those of another generation are refused. */
  async commit(generation: GroupGeneration, offsets: ReadonlyMap<number, bigint>): Promise<void> {
    const { cluster, group, topic, signal } = this.#options;
    const coordinator = await cluster.coordinator(group, { signal });
    const partitions = [...offsets].map(([partition, offset]) => ({ topic, partition, offset }));
    const request = { ...generation, partitions };
    const answer = await this.#lane.send(coordinator, "OffsetCommit", request, { signal });
    for (const { error } of answer.partitions) this.#check("OffsetCommit", error);
  }

  #check(api: "OffsetFetch" | "OffsetCommit", error: number): void {
    const { cluster, group } = this.#options;
    if (error !== 0) cluster.forgetCoordinator(group);
    throwFailure(api, `group ${group}`, { error });
  }

  [Symbol.dispose](): void {
    this.#lane.close();
  }
}
