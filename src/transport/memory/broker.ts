/**
 * A transport in one process: topics, partitions and consumer groups without a
 * broker, for unit tests of programs that use this package.
 *
 * @example A client and a server in one test
 * ```ts
 * import { connect, serve } from "@kafka-rpc/deno";
 * import { MemoryBroker } from "@kafka-rpc/deno/memory";
 *
 * Deno.test("doubles", async () => {
 *   const broker = new MemoryBroker();
 *   const commands = { double: (n: number) => 2 * n };
 *   await using _server = await serve({ commands, transport: broker.transport() });
 *   await using client = await connect<typeof commands>({ transport: broker.transport() });
 *   if (await client.call("double", 21) !== 42) throw new Error("not 42");
 * });
 * ```
 *
 * @module
 */
import { clock } from "../../async/clock.ts";
import { wholeNumber } from "../../options/check.ts";
import { topicName } from "../../options/topics.ts";
import { RpcError } from "../../wire/errors.ts";
import type { IncomingRecord, OutgoingRecord } from "../../wire/record.ts";
export type { MemoryRecord } from "./record.ts";
export { MemoryGroup, MemoryMember, type MemoryPartition } from "./group.ts";
import { MemoryGroup, type MemoryPartition } from "./group.ts";
import { encodedRecord, type MemoryRecord, memoryRecord } from "./record.ts";
import { partitionOf } from "../murmur2.ts";
import type { ConsumeOptions, Consumption, LoadOptions, Reading } from "../transport.ts";
import type { ReadOptions, TailOptions, TopicSpec, Transport } from "../transport.ts";

const partitionCount = wholeNumber({ to: 10_000 });

/**
 * The log that the transports of one test share. Records stay in memory for as
 * long as the broker does.
 */
export class MemoryBroker {
  /** Stands for the id of a cluster. */
  readonly id: string = clock.id();
  readonly #topics = new Map<string, MemoryPartition[]>();
  readonly #groups = new Map<string, MemoryGroup>();
  #round = 0;

  /**
   * Creates a topic that is not there yet.
   *
   * @param topic Its name.
   * @param partitions Its partitions, 1 to 10 000. Default: 1.
   * @throws {RpcError} `invalid_argument` for a name that Kafka would refuse, or a wrong number.
   */
  createTopic(topic: string, partitions = 1): void {
    topicName(topic, "topic");
    partitionCount(partitions, "partitions");
    if (this.#topics.has(topic)) return;
    const make = (): MemoryPartition => ({ records: [], listeners: new Set() });
    this.#topics.set(topic, Array.from({ length: partitions }, make));
  }

  /**
   * Gives the partitions of a topic, in order.
   *
   * @throws {RpcError} `failed_precondition` where it does not exist.
   */
  partitions(topic: string): readonly MemoryPartition[] {
    const partitions = this.#topics.get(topic);
    if (partitions === undefined) {
      throw new RpcError(
        "failed_precondition",
        `Cannot use the topic ${topic}: it does not exist. Create it with createTopic("${topic}").`,
      );
    }
    return partitions;
  }

  /** Says whether a topic exists. */
  has(topic: string): boolean {
    return this.#topics.has(topic);
  }

  /**
   * Appends a record, as `kcat -P` would.
   *
   * @param given The record, with any key, value and headers.
   * @returns The offset it got.
   * @throws {RpcError} `failed_precondition` where topic or partition does not exist,
   * `invalid_argument` for what is no record.
   */
  append(given: MemoryRecord): bigint {
    return this.place(memoryRecord(given)).offset;
  }

  /** The same of a record whose text is encoded; gives the partition that it came to as well. */
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
        `Cannot send to ${record.topic}[${index}]: it has ${partitions.length} partitions.`;
      throw new RpcError("failed_precondition", text);
    }
    const offset = BigInt(partition.records.length);
    partition.records.push({ ...record, partition: index, offset, timestamp: clock.wallTime() });
    for (const listener of [...partition.listeners]) queueMicrotask(listener);
    return { partition: index, offset };
  }

  /** Gives the consumer group of that name on a topic, made on first use. */
  group(group: string, topic: string): MemoryGroup {
    const name = JSON.stringify([group, topic]);
    let found = this.#groups.get(name);
    if (found === undefined) {
      found = new MemoryGroup(this.partitions(topic));
      this.#groups.set(name, found);
    }
    return found;
  }

  /** Names of the members of a consumer group, on any topic; undefined for those without one. */
  groupMembers(group: string): readonly (string | undefined)[] {
    return [...this.#groups].flatMap(([name, { names }]) =>
      JSON.parse(name)[0] === group ? names : []
    );
  }

  /** Says whether a consumer group has a member, on any topic. */
  groupIsLive(group: string): boolean {
    return [...this.#groups].some(([name, { live }]) => live && JSON.parse(name)[0] === group);
  }

  /** Gives a transport on this broker for `connect` or `serve`, of its own for each caller. */
  transport(): Transport {
    return new MemoryTransport(this);
  }

  /** Same key, same partition; no key, one after the other. */
  #partitionOf(key: Uint8Array | null, count: number): number {
    if (key === null) return this.#round++ % count;
    return partitionOf(key, count);
  }
}

class MemoryTransport implements Transport {
  readonly address = "memory";
  readonly #broker: MemoryBroker;
  readonly #open = new Set<AsyncDisposable>();
  #closed = false;

  constructor(broker: MemoryBroker) {
    this.#broker = broker;
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  async ensureTopics(topics: readonly TopicSpec[], options: { create: boolean }): Promise<void> {
    await Promise.resolve();
    for (const { topic, partitions } of topics) {
      if (options.create) this.#broker.createTopic(topic, partitions);
      else this.#broker.partitions(topic);
    }
  }

  partitionsOf(topic: string): Promise<number> {
    return Promise.resolve(this.#broker.has(topic) ? this.#broker.partitions(topic).length : 0);
  }

  get clusterId(): string {
    return this.#broker.id;
  }

  async produce(record: OutgoingRecord): Promise<void> {
    await Promise.resolve();
    if (this.#closed) {
      throw new RpcError("unavailable", "Cannot send: the transport is closed.");
    }
    const place = this.#broker.place(encodedRecord(record));
    record.onPlaced?.(place, record);
  }

  async read(options: ReadOptions): Promise<Reading> {
    await Promise.resolve();
    const { topic, partition, onRecord, signal, from, onPassed } = options;
    signal?.throwIfAborted();
    const log = this.#broker.partitions(topic)[partition];
    if (log === undefined) {
      const text = `Cannot read ${topic}[${partition}]: there is no such partition.`;
      throw new RpcError("failed_precondition", text);
    }
    const endOffset = BigInt(log.records.length);
    const startOffset = from === undefined || from > endOffset ? endOffset : from;
    let next = Number(startOffset);
    const deliver = () => {
      while (log.listeners.has(deliver) && next < log.records.length) {
        onRecord(log.records[next++]!);
        onPassed?.(BigInt(next));
      }
    };
    log.listeners.add(deliver);
    if (startOffset < endOffset) queueMicrotask(deliver);
    const close = () => {
      log.listeners.delete(deliver);
      return Promise.resolve();
    };
    const reading = { startOffset, endOffset, close, [Symbol.asyncDispose]: close };
    this.#open.add(reading);
    return reading;
  }

  async readTail(options: TailOptions): Promise<void> {
    await Promise.resolve();
    const { topic, positions, sinceMs, maxRecords, onRecord } = options;
    this.#broker.partitions(topic).forEach(({ records }, partition) => {
      const from = Math.max(Number(positions.get(partition) ?? 0n), records.length - maxRecords);
      for (const record of records.slice(from)) {
        if (record.timestamp >= sinceMs) onRecord(record);
      }
      positions.set(partition, BigInt(records.length));
    });
  }

  recentRecords({ topic, partitions, sinceMs }: LoadOptions): Promise<readonly number[]> {
    const all = this.#broker.partitions(topic);
    const count = (partition: number) =>
      all[partition]?.records.filter(({ timestamp }) => timestamp >= sinceMs).length ?? 0;
    return Promise.resolve(partitions.map(count));
  }

  groupMembers(group: string): Promise<readonly (string | undefined)[] | undefined> {
    return Promise.resolve(this.#broker.groupMembers(group));
  }

  committed(
    group: string,
    { topic, partition }: { readonly topic: string; readonly partition: number },
  ): Promise<bigint | undefined> {
    return Promise.resolve(this.#broker.group(group, topic).committed.get(partition) ?? 0n);
  }

  groupIsLive(group: string): Promise<boolean | undefined> {
    return Promise.resolve(this.#broker.groupIsLive(group));
  }

  async consume(options: ConsumeOptions): Promise<Consumption> {
    options.signal?.throwIfAborted();
    const member = await this.#broker.group(options.group, options.topic).join(options);
    this.#open.add(member);
    // Closed during the revocation of the others' partitions: nothing else would close it.
    if (this.#closed) await member.close();
    return member;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const open of this.#open) await open[Symbol.asyncDispose]();
    this.#open.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
