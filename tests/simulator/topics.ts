/**
 * The topics of a cluster: who leads which partition, and what its log holds.
 *
 * @module
 */
import { clock } from "../../src/async/clock.ts";
import {
  type Answers,
  EARLIEST,
  type Item,
  LATEST,
  type Requests,
  type TopicPartition,
} from "../../src/transport/kafka/port.ts";
import { CODE, type Plain } from "./codes.ts";
import { PartitionLog } from "./log.ts";

interface Topic {
  readonly logs: PartitionLog[];
  /** Node id by partition. */
  readonly leaders: number[];
}

/** What {@linkcode Topics} needs of the brokers. */
export interface Nodes {
  /** How many there are. */
  readonly count: number;
  /** One that is up, another than this one; this one where it is alone. */
  another(than: number): number;
}

/** Topics by name. */
export class Topics {
  readonly #topics = new Map<string, Topic>();
  readonly #nodes: Nodes;

  /**
   * Creates it, without a topic.
   *
   * @param nodes Who may lead.
   */
  constructor(nodes: Nodes) {
    this.#nodes = nodes;
  }

  /** Node id of a partition's leader; −1 where there is none. */
  leaderOf(topic: string, partition: number): number {
    return this.#topics.get(topic)?.leaders[partition] ?? -1;
  }

  /** The log of a partition. */
  log(topic: string, partition: number): PartitionLog | undefined {
    return this.#topics.get(topic)?.logs[partition];
  }

  /** The logs of a topic. */
  logs(topic: string): readonly PartitionLog[] {
    return this.#topics.get(topic)?.logs ?? [];
  }

  /** Lets another broker lead a partition. */
  moveLeader(topic: string, partition: number): void {
    const leaders = this.#topics.get(topic)?.leaders;
    if (leaders !== undefined) leaders[partition] = this.#nodes.another(leaders[partition]!);
  }

  /** Lets others lead what this broker led; all partitions where none is named. */
  moveLeaders(from?: number): void {
    for (const [topic, { leaders }] of this.#topics) {
      leaders.forEach((leader, partition) => {
        if (from === undefined || from === leader) this.moveLeader(topic, partition);
      });
    }
  }

  /** Gives a topic one more partition. */
  addPartition(topic: string): void {
    const { logs, leaders } = this.#topics.get(topic)!;
    logs.push(new PartitionLog());
    leaders.push(this.#nodes.another(-1));
  }

  /** Takes a topic away, with all that it holds. */
  delete(topic: string): void {
    for (const log of this.logs(topic)) log.wake();
    this.#topics.delete(topic);
  }

  describe({ topics }: Requests["Metadata"]): Answers["Metadata"]["topics"] {
    return [...new Set(topics)].map((topic) => {
      const { leaders } = this.#topics.get(topic) ?? {};
      if (leaders === undefined) return { topic, error: CODE.unknownTopic, partitions: [] };
      const partitions = leaders.map((leader, partition) => ({ partition, leader, error: 0 }));
      return { topic, error: 0, partitions };
    });
  }

  create({ topics }: Requests["CreateTopics"]): Plain<"CreateTopics"> {
    return { topics: topics.map((asked) => ({ topic: asked.topic, ...this.#create(asked) })) };
  }

  #create({ topic, partitions, replicationFactor }: Requests["CreateTopics"]["topics"][number]) {
    const refused = (error: number, message: string): Item => ({ error, message });
    if (this.#topics.has(topic)) return refused(CODE.topicExists, `Topic '${topic}' exists.`);
    if (!/^[\w.-]{1,249}$/.test(topic)) return refused(CODE.invalidTopic, "not a name");
    if (partitions < 1) return refused(CODE.invalidPartitions, "less than one partition");
    if (replicationFactor > this.#nodes.count) {
      return refused(CODE.invalidReplication, `${this.#nodes.count} brokers`);
    }
    this.#topics.set(topic, {
      logs: Array.from({ length: partitions }, () => new PartitionLog()),
      leaders: Array.from({ length: partitions }, () => this.#nodes.another(-1)),
    });
    return { error: 0 };
  }

  #led(nodeId: number, { topic, partition }: TopicPartition): {
    error: number;
    log?: PartitionLog;
  } {
    const log = this.log(topic, partition);
    if (log === undefined) return { error: CODE.unknownTopic };
    return this.leaderOf(topic, partition) === nodeId
      ? { error: 0, log }
      : { error: CODE.notLeader };
  }

  list(nodeId: number, { partitions }: Requests["ListOffsets"]): Plain<"ListOffsets"> {
    const offsetIn = (log: PartitionLog, timestamp: bigint): bigint => {
      if (timestamp === LATEST) return log.nextOffset;
      return timestamp === EARLIEST ? log.startOffset : log.offsetAt(timestamp);
    };
    return {
      partitions: partitions.map(({ topic, partition, timestamp }) => {
        const { error, log } = this.#led(nodeId, { topic, partition });
        const offset = log === undefined ? -1n : offsetIn(log, timestamp);
        return { topic, partition, error, offset };
      }),
    };
  }

  produce(nodeId: number, { partitions }: Requests["Produce"]): Plain<"Produce"> {
    return {
      partitions: partitions.map(({ topic, partition, records, timestamp }) => {
        const { error, log } = this.#led(nodeId, { topic, partition });
        const baseOffset = log?.append(records, timestamp) ?? -1n;
        return { topic, partition, error, baseOffset };
      }),
    };
  }

  /** Waits where there is nothing yet, unless the connection is gone. */
  async fetch(
    nodeId: number,
    { partitions, maxWaitMs, maxBytes }: Requests["Fetch"],
    gone: AbortSignal,
  ): Promise<Plain<"Fetch">> {
    const look = () => {
      let left = maxBytes;
      return partitions.map((asked) => {
        const { topic, partition, offset } = asked;
        const { error, log } = this.#led(nodeId, asked);
        const isOut = log !== undefined && (offset > log.nextOffset || offset < log.startOffset);
        const records = log === undefined || isOut || left <= 0
          ? new Uint8Array(0)
          : log.read(offset, Math.min(asked.maxBytes, left));
        left -= records.length;
        return {
          topic,
          partition,
          error: error || (isOut ? CODE.offsetOutOfRange : 0),
          highWatermark: log?.nextOffset ?? -1n,
          logStartOffset: log?.startOffset ?? -1n,
          records,
        };
      });
    };
    const now = look();
    if (maxWaitMs <= 0 || now.some(({ error, records }) => error !== 0 || records.length > 0)) {
      return { error: 0, partitions: now };
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.timer(maxWaitMs, resolve);
    const ends = partitions.map((one) => this.#led(nodeId, one).log?.onAppend(resolve));
    const give = () => resolve();
    gone.addEventListener("abort", give);
    await promise;
    gone.removeEventListener("abort", give);
    timer.cancel();
    for (const end of ends) end?.();
    return { error: 0, partitions: look() };
  }
}
