// Fetches the partitions of a topic that one broker leads.
import { clock } from "../../async/clock.ts";
import type { IncomingRecord } from "../../wire/record.ts";
import type { BatchRecord } from "./batches/batch.ts";
import { decodeBatches } from "./batches/decode.ts";
import { cutIntoBatches } from "./batches/frame.ts";
import { Pace } from "./batches/pace.ts";
import { BatchSearch } from "./batches/search.ts";
import { throwFailure } from "./errors.ts";
import type { FeedOptions } from "./feed.ts";
import { FetchSize } from "./fetch_size.ts";
import type { Lane } from "./lane.ts";
import type { Answers } from "./port.ts";

const OFFSET_OUT_OF_RANGE = 1;
/** The same bytes again are no accident of the way: the log holds them. */
const MISREAD = 3;

export interface FedPartition {
  readonly partition: number;
  /** Offset of the next record to deliver; undefined before it was asked for. */
  position: bigint | undefined;
  /** Whether the log does not have that offset. */
  outOfRange?: boolean;
  /** How often the batch there had no end that can be believed. */
  misread: number;
}

interface LeaderFeedOptions extends Omit<FeedOptions, "onSteady"> {
  /** Ends it; nothing is delivered after that. */
  readonly signal: AbortSignal;
  readonly onAnswer: (empty: readonly number[]) => void;
  /** Called with partitions that must be looked for elsewhere, and why. */
  readonly onLeft: (left: readonly FedPartition[], error: unknown) => void;
}

type FetchedPartition = Answers["Fetch"]["partitions"][number];

/** What can be read of a partition in an answer, and where it ends. */
interface Taken extends ReturnType<typeof cutIntoBatches> {
  readonly item: FetchedPartition;
}

/** By turns, a batch of each: no record waits for all that another partition holds. */
function* byTurns(taken: readonly Taken[]): Generator<FetchedPartition> {
  const most = Math.max(0, ...taken.map(({ batches }) => batches.length));
  for (let turn = 0; turn < most; turn++) {
    for (const { item, batches } of taken) {
      const records = batches[turn];
      if (records !== undefined) yield { ...item, records };
    }
  }
}

/** One fetch after the other to one broker, until it leads none of its partitions any more. */
export class LeaderFeed {
  readonly #lane: Lane;
  readonly #leader: number;
  readonly #options: LeaderFeedOptions;
  readonly #partitions = new Map<number, FedPartition>();
  readonly #size = new FetchSize();
  readonly #search: BatchSearch | undefined;
  #isFirst = true;
  /** Whether it takes no partition any more. */
  isDone = false;
  /** Resolves when it has nothing left to fetch; never rejects. */
  readonly ended: Promise<void>;

  /** It begins with the first partition that is added in the same turn. */
  constructor(lane: Lane, leader: number, options: LeaderFeedOptions) {
    this.#lane = lane;
    this.#leader = leader;
    this.#options = options;
    this.#search = options.search && new BatchSearch(options.search.bytes);
    this.ended = Promise.resolve().then(() => this.#run());
  }

  add(fed: FedPartition): void {
    this.#partitions.set(fed.partition, fed);
  }

  async #run(): Promise<void> {
    const { signal } = this.#options;
    let next: Promise<Answers["Fetch"]> | undefined;
    try {
      while (!signal.aborted) {
        next ??= this.#fetch(new Map());
        if (next === undefined) break;
        const taken = this.#take(await next);
        // The broker gathers the next records while these are delivered.
        next = this.#fetch(new Map(taken.map(({ item, end }) => [item.partition, end])));
        // Awaited in the next round: until then its failure is no news.
        next?.catch(() => undefined);
        const pace = new Pace();
        for (const item of byTurns(taken)) await this.#deliver(item, pace);
      }
      this.isDone = true;
    } catch (error) {
      this.isDone = true;
      this.#size.late();
      this.#options.onLeft([...this.#partitions.values()], error);
    }
  }

  #fetch(ends: ReadonlyMap<number, bigint>): Promise<Answers["Fetch"]> | undefined {
    const { topic, signal } = this.#options;
    if (this.#partitions.size === 0) return undefined;
    const maxBytes = this.#size.bytes;
    const share = this.#size.shareOf(this.#partitions.size);
    const partitions = [...this.#partitions.values()].map(({ partition, position }) => {
      return { topic, partition, offset: ends.get(partition) ?? position!, maxBytes: share };
    });
    // The first answer shows that the reading goes on: it must not wait for records.
    const maxWaitMs = this.#isFirst ? 0 : this.#options.maxWaitMs;
    this.#isFirst = false;
    const request = { maxWaitMs, minBytes: 1, maxBytes, partitions };
    const silenceMs = maxWaitMs + this.#lane.patienceMs;
    const sentAt = clock.now();
    return this.#lane.send(this.#leader, "Fetch", request, { signal, silenceMs }).then((answer) => {
      const hasRecords = answer.partitions.some(({ records }) => records.byteLength > 0);
      if (hasRecords) this.#size.answered(clock.now() - sentAt - maxWaitMs);
      return answer;
    });
  }

  /** What can be read of an answer, and where it ends; the rest leaves this broker. */
  #take(answer: Answers["Fetch"]): Taken[] {
    const { topic, onAnswer } = this.#options;
    throwFailure("Fetch", `topic ${topic}`, answer);
    const taken = answer.partitions.flatMap((item) => {
      const fed = this.#partitions.get(item.partition);
      if (fed === undefined) return [];
      try {
        throwFailure("Fetch", `topic ${topic}`, item);
        const { records, partition } = item;
        if (records.length > 0) {
          // A broker fills its answer in the order of the request: next time the others come first.
          this.#partitions.delete(partition);
          this.#partitions.set(partition, fed);
        }
        return [{ item, ...cutIntoBatches(records, fed.position!) }];
      } catch (error) {
        fed.outOfRange = item.error === OFFSET_OUT_OF_RANGE;
        this.#partitions.delete(item.partition);
        this.#options.onLeft([fed], error);
        return [];
      }
    });
    // Filled in the order of the request: behind the first records a partition may be empty because
    // there was no room for it.
    const first = taken.findIndex(({ item }) => item.records.length > 0);
    const empty = first < 0 ? taken : taken.slice(0, first);
    if (taken.length > 0) onAnswer(empty.map(({ item }) => item.partition));
    return taken;
  }

  async #deliver(
    { partition, records, highWatermark }: FetchedPartition,
    pace: Pace,
  ): Promise<void> {
    const { topic, signal, maxUnpackedBytes, unreadable } = this.#options;
    const { onPassed, onUnreadable } = this.#options;
    const fed = this.#partitions.get(partition);
    if (fed === undefined || signal.aborted) return;
    const before = fed.position!;
    if (this.#isWithout(fed, records)) return onPassed?.(partition, fed.position!);
    for await (const part of decodeBatches(records, { from: before, maxUnpackedBytes, pace })) {
      const timestampType = part.batch?.logAppendTime ? "LogAppendTime" : "CreateTime";
      for (const record of part.records) {
        if (signal.aborted) return;
        fed.position = record.offset + 1n;
        const wait = this.#options.onRecord(this.#incoming(partition, record, timestampType));
        if (wait !== undefined) await wait;
      }
      if (signal.aborted) return;
      if (part.nextOffset !== undefined) fed.position = part.nextOffset;
      else if (++fed.misread < MISREAD) break;
      // Where a batch ends is not known, and it is the same each time: what comes later is read.
      else if (highWatermark > fed.position!) fed.position = highWatermark;
      fed.misread = 0;
      if (part.unreadable === undefined) continue;
      const passed = { topic, partition, ...part.unreadable };
      unreadable.log("records that cannot be read are passed", passed);
      await onUnreadable?.(passed);
    }
    if (fed.position! > before) onPassed?.(partition, fed.position!);
  }

  /** Whether a batch does not have what is searched for; it is passed then. */
  #isWithout(fed: FedPartition, records: Uint8Array): boolean {
    const header = this.#search?.headerWithout(records);
    if (header === undefined) return false;
    fed.position = header.lastOffset + 1n;
    fed.misread = 0;
    this.#options.search?.onOther(fed.partition, header);
    return true;
  }

  #incoming(
    partition: number,
    record: BatchRecord,
    timestampType: IncomingRecord["timestampType"],
  ): IncomingRecord {
    const { topic } = this.#options;
    const { offset, timestamp, key, value, headers } = record;
    return { topic, partition, offset, timestamp, timestampType, key, value, headers };
  }
}
