// Topics, partitions and groups in one process: what a broker and its transports share.
import { clock } from "../../async/clock.ts";
import { wholeNumber } from "../../options/check.ts";
import { topicName } from "../../options/topics.ts";
import { RpcError } from "../../wire/errors.ts";
import type { IncomingRecord } from "../../wire/record.ts";
import { partitionOf } from "../murmur2.ts";
import { ConsumerGroup, type Partition } from "./group.ts";

const partitionCount = wholeNumber({ to: 10_000 });

export class MemoryLog {
  readonly id: string = clock.id();
  readonly #topics = new Map<string, Partition[]>();
  readonly #groups = new Map<string, ConsumerGroup>();
  #round = 0;

  createTopic(topic: string, partitions = 1): void {
    topicName(topic, "topic");
    partitionCount(partitions, "partitions");
    if (this.#topics.has(topic)) return;
    const make = (): Partition => ({ records: [], listeners: new Set() });
    this.#topics.set(topic, Array.from({ length: partitions }, make));
  }

  partitions(topic: string): readonly Partition[] {
    const partitions = this.#topics.get(topic);
    if (partitions === undefined) {
      throw new RpcError(
        "failed_precondition",
        `Cannot use the topic ${topic}: it does not exist. Create it with createTopic("${topic}").`,
      );
    }
    return partitions;
  }

  has(topic: string): boolean {
    return this.#topics.has(topic);
  }

  /** Appends a record whose text is encoded. */
  place(
    record: Pick<IncomingRecord, "topic" | "key" | "value" | "headers"> & {
      readonly partition?: number | undefined;
    },
  ): { partition: number; offset: bigint } {
    const partitions = this.partitions(record.topic);
    const index = record.partition ?? this.#partitionOf(record.key, partitions.length);
    const partition = partitions[index];
    if (partition === undefined) {
      const text =
        `Cannot send to ${record.topic}[${index}]: it has ${partitions.length} partitions. ` +
        "Create the topic with more, or leave `partition` out.";
      throw new RpcError("failed_precondition", text);
    }
    const offset = BigInt(partition.records.length);
    partition.records.push({ ...record, partition: index, offset, timestamp: clock.wallTime() });
    for (const listener of [...partition.listeners]) queueMicrotask(listener);
    return { partition: index, offset };
  }

  /** A group on a topic, made on first use. */
  group(group: string, topic: string): ConsumerGroup {
    const name = JSON.stringify([group, topic]);
    let found = this.#groups.get(name);
    if (found === undefined) {
      found = new ConsumerGroup(this.partitions(topic));
      this.#groups.set(name, found);
    }
    return found;
  }

  /** Names of the members of a group, on any topic; undefined for those without one. */
  groupMembers(group: string): readonly (string | undefined)[] {
    return [...this.#groups].flatMap(([name, { names }]) =>
      JSON.parse(name)[0] === group ? names : []
    );
  }

  /** Same key, same partition; no key, one after the other. */
  #partitionOf(key: Uint8Array | null, count: number): number {
    if (key === null) return this.#round++ % count;
    return partitionOf(key, count);
  }
}
