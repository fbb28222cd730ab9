// Topics as logs, for an operator's tools: read from any offset, outside of every group.
import { withDeadline } from "../../async/deadline.ts";
import { linkSignals } from "../../async/linked_signal.ts";
import { LogThrottle } from "../../logging/log_throttle.ts";
import type { RpcError } from "../../wire/errors.ts";
import type { IncomingRecord } from "../../wire/record.ts";
import type { TransportParts } from "./cluster.ts";
import { asRpcError, judge } from "./errors.ts";
import { Feed, type FeedOptions } from "./feed.ts";
import { offsetsAt, timestampOf } from "./list_offset.ts";
import { EARLIEST, LATEST } from "./port.ts";
import { UpToEnds } from "./up_to_ends.ts";

const MAX_WAIT_MS = 100;
const WARN_INTERVAL_MS = 30_000;

/** Offsets by partition. */
export type Offsets = ReadonlyMap<number, bigint>;

export interface FollowOptions {
  readonly topic: string;
  /** Where to begin; other partitions are not read. */
  readonly from: Offsets;
  /** What is below it is caught up with. Default: there is nothing to catch up with. */
  readonly upTo?: Offsets | undefined;
  /** It must not wait. */
  readonly onRecord: (record: IncomingRecord) => void;
  /** Called when the cluster refuses it; of outages it recovers by itself. */
  readonly onRefused: (error: RpcError) => void;
}

export interface Following extends AsyncDisposable {
  /** Resolves when all that is to be caught up with has been delivered. */
  readonly caughtUp: Promise<void>;
}

function timestampAt(at: number | "beginning" | "end"): bigint {
  if (at === "beginning") return EARLIEST;
  return at === "end" ? LATEST : timestampOf(at);
}

/** What is to be read of partitions up to these ends; nothing of one without an end. */
function leftOf(from: Offsets, ends: Offsets | undefined): UpToEnds {
  return new UpToEnds(
    [...from].map(([partition, next]) => ({ partition, next, end: ends?.get(partition) ?? 0n })),
  );
}

/** `leave` ends the partition, `stop` the whole scan. */
export type ScanStep = "leave" | "stop" | undefined;

/** Records of one batch that were passed without being decoded. */
export interface OtherRecords {
  readonly partition: number;
  readonly count: number;
  /** Unix milliseconds of the youngest one. */
  readonly timestamp: number;
}

export interface ScanOptions {
  readonly topic: string;
  /** Where to begin; other partitions are not read. */
  readonly from: Offsets;
  /** Called with each record. */
  readonly visit: (record: IncomingRecord) => ScanStep;
  /**
   * Bytes that are in each record that counts, and who is called with the records of batches that
   * do not have them: to decode a million records takes two seconds, to search them a quarter of one.
   */
  readonly search?: {
    readonly bytes: Uint8Array;
    readonly visitOthers: (others: OtherRecords) => ScanStep;
  } | undefined;
  readonly signal: AbortSignal;
}

export class RecordLog {
  readonly #parts: TransportParts;

  constructor(parts: TransportParts) {
    this.#parts = parts;
  }

  /** The first offset of each partition at a time, or at its `end`, where there is none so young. */
  async offsets(
    topic: string,
    at: number | "beginning" | "end",
    signal: AbortSignal,
  ): Promise<Offsets> {
    const { cluster, closing } = this.#parts;
    using ending = linkSignals(closing, signal);
    try {
      const found = await cluster.topic(topic, { signal: ending.signal, purpose: "Fetch" });
      const asked = { timestamp: timestampAt(at), signal: ending.signal };
      const offsets = await offsetsAt(cluster.questions, found, asked);
      return new Map(offsets.map(({ partition, end, first = end }) => [partition, first]));
    } catch (error) {
      signal.throwIfAborted();
      throw asRpcError(error, `find offsets of ${topic}`);
    }
  }

  /** Reads on and on, until it is disposed of. */
  follow({ topic, from, upTo, onRecord, onRefused }: FollowOptions): Following {
    const left = leftOf(from, upTo);
    const feed = this.#feed({
      topic,
      from,
      onRecord(record) {
        onRecord(record);
        left.pass(record.partition, record.offset + 1n);
      },
      onPassed: (partition, next) => left.pass(partition, next),
      onAnswer: (empty) => left.empty(empty),
      onRefused,
    });
    return { caughtUp: left.done, [Symbol.asyncDispose]: () => feed[Symbol.asyncDispose]() };
  }

  /** Reads up to the ends as they are now; resolves with how many records were visited. */
  async scan({ topic, from, visit, search, signal }: ScanOptions): Promise<number> {
    const ends = await this.offsets(topic, "end", signal);
    const left = leftOf(from, ends);
    const positions = left.positions;
    if (positions.size === 0) return 0;
    let visited = 0;
    const obey = (partition: number, next: bigint, step: ScanStep) => {
      if (step === "stop") left.leaveAll();
      else if (step === "leave") left.leave(partition);
      else left.pass(partition, next);
    };
    await using _feed = this.#feed({
      topic,
      from: positions,
      onRecord(record) {
        const { partition } = record;
        if (!left.has(partition)) return;
        visited++;
        obey(partition, record.offset + 1n, visit(record));
      },
      search: search && {
        bytes: search.bytes,
        onOther(partition, { count, maxTimestamp, lastOffset }) {
          if (!left.has(partition)) return;
          visited += count;
          const others = { partition, count, timestamp: maxTimestamp };
          obey(partition, lastOffset + 1n, search.visitOthers(others));
        },
      },
      onPassed: (partition, next) => left.pass(partition, next),
      onAnswer: (empty) => left.empty(empty),
      onRefused: (error) => left.fail(error),
    });
    using ending = linkSignals(this.#parts.closing, signal);
    await withDeadline(left.done, { signal: ending.signal });
    return visited;
  }

  #feed(
    { topic, from, onRecord, onRefused, ...listeners }:
      & Omit<FollowOptions, "upTo">
      & Pick<FeedOptions, "onPassed" | "onAnswer" | "search">,
  ): AsyncDisposable {
    const unreadable = new LogThrottle(this.#parts.logger, { intervalMs: WARN_INTERVAL_MS });
    const feed = new Feed({
      ...this.#parts,
      ...listeners,
      topic,
      maxWaitMs: MAX_WAIT_MS,
      background: false,
      // What was deleted meanwhile is gone: it goes on with what is left.
      seek: (_at, ask) => ask(EARLIEST),
      unreadable,
      onRecord: (record) => void onRecord(record),
      onFailure: (error) => {
        if (judge(error, "running").kind !== "outage") {
          onRefused(asRpcError(error, `read ${topic}`));
        }
      },
    }, from);
    return {
      async [Symbol.asyncDispose]() {
        await feed.close();
        unreadable.close();
      },
    };
  }
}
