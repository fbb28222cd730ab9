/**
 * Offsets and records of one topic, asked for by partition.
 *
 * @module
 */
import { bounded } from "./bounded.ts";
import type { FetchedMessage, OpenKafka, PrivateCluster } from "./kafkajs_private.ts";

/** A broker that is this late with its answer is gone, whatever the socket says. */
const LATE_MS = 1_500;
const MAX_BYTES = 4 * 1024 * 1024;

/** How long a fetch may take. */
export interface FetchBounds {
  /** Longest wait of the broker for new records, in milliseconds; it answers at once when there are some. */
  readonly maxWaitMs: number;
  /** Gives the fetch up. */
  readonly signal: AbortSignal;
}

/** Reads a topic outside every consumer group, by the private parts of kafkajs. */
export class TopicFetch {
  readonly #open: OpenKafka;
  readonly #topic: string;
  #cluster: PrivateCluster | undefined;

  /**
   * Creates it, not connected.
   *
   * @param open A kafkajs client of its own: a long poll blocks its connection.
   * @param topic The topic.
   */
  constructor(open: OpenKafka, topic: string) {
    this.#open = open;
    this.#topic = topic;
  }

  /** Connects, unless it is connected. */
  async connect(): Promise<void> {
    if (this.#cluster !== undefined) return;
    const cluster = this.#open.createCluster();
    await cluster.connect();
    await cluster.addMultipleTargetTopics([this.#topic]);
    this.#cluster = cluster;
  }

  /** Cuts its connections; kafkajs would keep dead ones for ever. */
  async disconnect(): Promise<void> {
    this.#cluster = undefined;
    await this.#open.destroySockets();
  }

  /** Asks anew who leads the partitions. */
  async refresh(): Promise<void> {
    await this.#cluster?.refreshMetadata();
  }

  /** Its partitions. */
  partitions(): number[] {
    const partitions = this.#connected().findTopicPartitionMetadata(this.#topic);
    return partitions.map(({ partitionId }) => partitionId);
  }

  /**
   * Asks for an offset.
   *
   * @param partition The partition.
   * @param which The first record there is, the next one to come, or the first since a time.
   * @returns The offset; undefined where no record is that young.
   */
  async offset(
    partition: number,
    which: "earliest" | "latest" | { readonly sinceMs: number },
  ): Promise<bigint | undefined> {
    const at = typeof which === "object"
      ? { fromTimestamp: which.sinceMs }
      : { fromBeginning: which === "earliest" };
    const [found] = await this.#connected().fetchTopicsOffset([
      { topic: this.#topic, partitions: [{ partition }], ...at },
    ]);
    const offset = BigInt(found?.partitions[0]?.offset ?? -1);
    if (offset >= 0n) return offset;
    if (typeof which === "object") return undefined;
    throw new Error(`${this.#topic}[${partition}] has no ${which} offset`);
  }

  /**
   * Fetches records.
   *
   * @param partition The partition.
   * @param next Offset of the first record that is wanted; earlier ones may come with it.
   * @param bounds How long it may take.
   * @returns The records, control records among them; none where none came in time.
   */
  async fetch(partition: number, next: bigint, bounds: FetchBounds): Promise<FetchedMessage[]> {
    const topic = this.#topic;
    const cluster = this.#connected();
    const [leader] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    if (leader === undefined) throw new Error(`${topic}[${partition}] has no leader`);
    const broker = await cluster.findBroker({ nodeId: leader });
    const { maxWaitMs, signal } = bounds;
    const fetching = broker.fetch({
      maxWaitTime: maxWaitMs,
      minBytes: 1,
      maxBytes: MAX_BYTES,
      // Uncommitted: somebody's open transaction must not hold back other callers' replies.
      isolationLevel: 0,
      topics: [
        { topic, partitions: [{ partition, fetchOffset: String(next), maxBytes: MAX_BYTES }] },
      ],
    });
    const { responses } = await bounded(
      fetching,
      { signal, timeoutMs: maxWaitMs + LATE_MS, background: true },
      () => new Error("the broker does not answer"),
    );
    return responses.flatMap(({ partitions }) => partitions.flatMap(({ messages }) => messages));
  }

  #connected(): PrivateCluster {
    if (this.#cluster === undefined) throw new Error("Cannot fetch: not connected.");
    return this.#cluster;
  }
}

/**
 * Where to go on after fetched records: behind the last batch, whose own last records may have been
 * compacted away. Behind its last record, such a batch would be fetched again for ever.
 *
 * @param messages What was fetched, in order.
 * @returns The offset; undefined where nothing came, or in a format without batches.
 */
export function endOf(messages: readonly FetchedMessage[]): bigint | undefined {
  const batch = messages.at(-1)?.batchContext;
  return batch && BigInt(batch.firstOffset) + BigInt(batch.lastOffsetDelta) + 1n;
}
