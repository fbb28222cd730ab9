// A transport on topics in one process.
import { RpcError } from "../../wire/errors.ts";
import type { OutgoingRecord } from "../../wire/record.ts";
import type {
  ConsumeOptions,
  Consumption,
  Reading,
  ReadOptions,
  RecentRecordsOptions,
  TailOptions,
  TopicSpec,
  Transport,
} from "../transport.ts";
import type { MemoryLog } from "./log.ts";
import { encodedRecord } from "./record.ts";

export class MemoryTransport implements Transport {
  readonly address = "memory";
  readonly #log: MemoryLog;
  readonly #open = new Set<AsyncDisposable>();
  #closed = false;

  constructor(log: MemoryLog) {
    this.#log = log;
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  async ensureTopics(topics: readonly TopicSpec[], options: { create: boolean }): Promise<void> {
    await Promise.resolve();
    for (const { topic, partitions } of topics) {
      if (options.create) this.#log.createTopic(topic, partitions);
      else this.#log.partitions(topic);
    }
  }

  partitionsOf(topic: string): Promise<number> {
    return Promise.resolve(this.#log.has(topic) ? this.#log.partitions(topic).length : 0);
  }

  get clusterId(): string {
    return this.#log.id;
  }

  async produce(record: OutgoingRecord): Promise<void> {
    await Promise.resolve();
    if (this.#closed) {
      throw new RpcError("unavailable", "Cannot send: the transport is closed. Open another one.");
    }
    const place = this.#log.place(encodedRecord(record));
    record.onPlaced?.(place, record);
  }

  async read(options: ReadOptions): Promise<Reading> {
    await Promise.resolve();
    const { topic, partition, onRecord, signal, from, onPassed } = options;
    signal?.throwIfAborted();
    const log = this.#log.partitions(topic)[partition];
    if (log === undefined) {
      const text = `Cannot read ${topic}[${partition}]: there is no such partition. ` +
        "Create the topic with more.";
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
    this.#log.partitions(topic).forEach(({ records }, partition) => {
      const from = Math.max(Number(positions.get(partition) ?? 0n), records.length - maxRecords);
      for (const record of records.slice(from)) {
        if (record.timestamp >= sinceMs) onRecord(record);
      }
      positions.set(partition, BigInt(records.length));
    });
  }

  recentRecords({ topic, partitions, sinceMs }: RecentRecordsOptions): Promise<readonly number[]> {
    const all = this.#log.partitions(topic);
    const count = (partition: number) =>
      all[partition]?.records.filter(({ timestamp }) => timestamp >= sinceMs).length ?? 0;
    return Promise.resolve(partitions.map(count));
  }

  groupMembers(group: string): Promise<readonly (string | undefined)[] | undefined> {
    return Promise.resolve(this.#log.groupMembers(group));
  }

  committed(
    group: string,
    { topic, partition }: { readonly topic: string; readonly partition: number },
  ): Promise<bigint | undefined> {
    return Promise.resolve(this.#log.group(group, topic).committed.get(partition) ?? 0n);
  }

  groupIsLive(group: string): Promise<boolean | undefined> {
    return Promise.resolve(this.#log.groupMembers(group).length > 0);
  }

  async consume(options: ConsumeOptions): Promise<Consumption> {
    options.signal?.throwIfAborted();
    const member = await this.#log.group(options.group, options.topic).join(options);
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
