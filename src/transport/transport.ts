/**
 * The narrow interface between RPC and whatever carries its records, for transports of one's own.
 *
 * @example A cluster that takes no record, for the test of a program
 * ```ts
 * import { connect, RpcError } from "@kafka-rpc/deno";
 * import { MemoryBroker } from "@kafka-rpc/deno/memory";
 * import type { Transport } from "@kafka-rpc/deno/transport";
 *
 * const transport: Transport = new MemoryBroker().transport();
 * transport.produce = () => Promise.reject(new RpcError("permission_denied", "may not Write"));
 * export const client = () => connect({ transport });
 * ```
 *
 * @module
 */
import type { IncomingRecord, OutgoingRecord } from "../wire/record.ts";
export type { IncomingRecord, OutgoingRecord };

/** What a side does with a topic, by the name of Kafka's ACL operation; each implies Describe. */
export type TopicRight = "Read" | "Write";

/** A topic that must be there before work begins. */
export interface TopicSpec {
  /** Name of the topic. */
  readonly topic: string;
  /** Partitions it is created with. Default: 1. An existing topic keeps its own number. */
  readonly partitions?: number | undefined;
  /** Replicas it is created with. Default: the broker's `default.replication.factor`. */
  readonly replicationFactor?: number | undefined;
  /** What will be done with it: where the cluster can say that it is forbidden, that is an error. */
  readonly rights?: readonly TopicRight[] | undefined;
}

/** How long to wait for something, at most. */
export interface Bounds {
  /** Aborts the wait; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Most milliseconds to wait; Infinity waits until the signal. */
  readonly timeoutMs?: number | undefined;
}

/** Offsets that a reader passed, because what stands there can't be read. */
export interface PassedRecords {
  /** Their topic. */
  readonly topic: string;
  /** Their partition. */
  readonly partition: number;
  /** First offset. */
  readonly fromOffset: bigint;
  /** Last one; undefined where no end is known. */
  readonly lastOffset: bigint | undefined;
  /** Why they can't be read. */
  readonly reason: string;
}

/** What each way to read needs. */
export interface RecordReading extends Bounds {
  /** Topic to read. */
  readonly topic: string;
  /** Called with each record, those of a partition in order. It must not throw, and must not wait. */
  readonly onRecord: (record: IncomingRecord) => void;
  /** Called where records are passed, because they can't be read; the log has a line of it. */
  readonly onUnreadable?: ((passed: PassedRecords) => void) | undefined;
}

/** What {@linkcode Transport.readTail} needs. */
export interface TailOptions extends RecordReading {
  /**
   * Where to begin, by partition; a partition that is not in it begins at the records of
   * `sinceMs`. It is brought up to what was read, so that the next call goes on there.
   */
  readonly positions: Map<number, bigint>;
  /** Unix milliseconds: older records are left out. */
  readonly sinceMs: number;
  /** Most records to read of one partition, the latest ones. */
  readonly maxRecords: number;
}

/** What {@linkcode Transport.read} needs. */
export interface ReadOptions extends RecordReading {
  /** The one partition to read. */
  readonly partition: number;
  /** Offset of the first record to deliver, where the log has it. Default: the latest, none that is there. */
  readonly from?: bigint | undefined;
  /** Called when nothing is left to deliver below an offset. */
  readonly onPassed?: ((nextOffset: bigint) => void) | undefined;
  /** Called when the reading is interrupted (false, with the cause) and when it goes on (true). */
  readonly onConnected?: ((connected: boolean, cause?: unknown) => void) | undefined;
}

/** What {@linkcode Transport.recentRecords} needs. */
export interface RecentRecordsOptions extends Bounds {
  /** Their topic. */
  readonly topic: string;
  /** Partitions to look at. */
  readonly partitions: readonly number[];
  /** Unix milliseconds: older records are not counted. */
  readonly sinceMs: number;
}

/** A running read of one partition, outside every consumer group. */
export interface Reading extends AsyncDisposable {
  /** Offset of the first record that it delivers; none after it is missed. */
  readonly startOffset: bigint;
  /** Where the log ended when it began; undefined from a transport that can't begin before that. */
  readonly endOffset?: bigint | undefined;
  /** Stops reading. No record is delivered once it has been called. */
  close(): Promise<void>;
}

/** Milliseconds that a rebalance waits at most for {@linkcode ConsumeOptions.onRevoking}. */
export const REVOKE_MS = 4_000;

/** What {@linkcode Transport.consume} needs. */
export interface ConsumeOptions extends RecordReading {
  /** Consumer group that shares the topic. */
  readonly group: string;
  /** Name of this member, for who asks for the members of the group. */
  readonly name?: string | undefined;
  /**
   * Asked before each record. A promise holds the partition back until it
   * resolves, while heartbeats go on: this is the back-pressure.
   */
  readonly ready: () => Promise<void> | undefined;
  /**
   * Called before this member's partitions are revoked for a rebalance. The rebalance waits for it,
   * {@linkcode REVOKE_MS} at most: what is done by then need not be done again by another member.
   */
  readonly onRevoking?: (() => Promise<void>) | undefined;
  /**
   * Called when the group went on without this member, after a pause longer than its session for
   * example: its partitions are another's already, and what has not begun must not begin here.
   */
  readonly onLost?: (() => void) | undefined;
  /**
   * Called when nothing is left to deliver below an offset: behind the last record stand markers of
   * transactions, for example, or records that were compacted away.
   */
  readonly onPassed?: ((partition: number, nextOffset: bigint) => void) | undefined;
  /** Called with the partitions of this member after each rebalance, before their records. */
  readonly onAssigned: (partitions: readonly number[]) => void;
}

/** Membership of a consumer group. */
export interface Consumption extends AsyncDisposable {
  /** Rejects when the group cannot be consumed any more; resolves after close. */
  readonly finished: Promise<void>;
  /**
   * Whether this certainly is a member just now. After a pause longer than its session, such as a
   * stopped process, the group may have gone on without it: the promise resolves when its
   * coordinator has decided. Nothing may begin meanwhile. Undefined: it is a member.
   */
  certain(): Promise<void> | undefined;
  /** Stops taking records. The membership goes on, so that commits are possible. */
  pause(): void;
  /**
   * Commits the offset of the next record to consume, for each partition.
   * It may reject during a rebalance: commit again later.
   */
  commit(offsets: ReadonlyMap<number, bigint>): Promise<void>;
  /** Leaves the group. */
  close(): Promise<void>;
}

/** A connection to a cluster: real Kafka, or its double in one process. */
export interface Transport extends AsyncDisposable {
  /** What it is connected to, for texts of errors. */
  readonly address: string;
  /** Id of the cluster, where it has one, once it is connected. */
  readonly clusterId?: string | undefined;
  /**
   * Connects.
   *
   * @throws {RpcError} `unavailable` when nothing answers within the bounds.
   */
  connect(bounds?: Bounds): Promise<void>;
  /**
   * Checks that topics exist, and creates those that don't where it may.
   *
   * @throws {RpcError} `failed_precondition` for a missing topic where `create` is false,
   * `permission_denied` for a right that is missing.
   */
  ensureTopics(
    topics: readonly TopicSpec[],
    options: Bounds & { create: boolean },
  ): Promise<void>;
  /** Number of partitions of a topic that exists. */
  partitionsOf(topic: string, bounds?: Bounds): Promise<number>;
  /**
   * Produces one record, in one attempt; resolves when the cluster has acknowledged it. Where it
   * rejects, the record may be there all the same.
   *
   * @param signal Once it has aborted, nobody wants the record any more: what has not been sent yet
   * need not be, and may reject with the reason. It does not end an attempt.
   * @throws {RpcError} `unavailable` where another attempt may help; else `resource_exhausted`,
   * `permission_denied` or `failed_precondition`, for example.
   */
  produce(record: OutgoingRecord, signal?: AbortSignal): Promise<void>;
  /** Reads what the partitions of a topic hold just now, and resolves at their ends. */
  readTail(options: TailOptions): Promise<void>;
  /**
   * Whether a topic is consumed for a group: it has a member, or the offsets that are committed for
   * it move; undefined where that can't be found out in time.
   */
  groupIsLive(group: string, topic: string, bounds?: Bounds): Promise<boolean | undefined>;
  /**
   * Tells about how many records partitions got since a time, in the order of `partitions`; in one
   * attempt. Infinity stands for a partition that can't be asked about while another one can. A
   * client chooses by it where its replies come; without it, by chance.
   */
  recentRecords?(options: RecentRecordsOptions): Promise<readonly number[]>;
  /**
   * The members of a group, undefined for those without a name; undefined where they can't be found
   * out in time.
   */
  groupMembers?(
    group: string,
    bounds?: Bounds,
  ): Promise<readonly (string | undefined)[] | undefined>;
  /**
   * Offset of the next record that a group has to consume of a partition; undefined where that can't
   * be found out in time.
   */
  committed?(
    group: string,
    place: { readonly topic: string; readonly partition: number },
    bounds?: Bounds,
  ): Promise<bigint | undefined>;
  /** Reads one partition, from its latest offset or an earlier one, without a consumer group. */
  read(options: ReadOptions): Promise<Reading>;
  /** Joins a consumer group; a new group starts at the earliest offset. */
  consume(options: ConsumeOptions): Promise<Consumption>;
  /** Closes every connection; bounded, and may be called again. */
  close(): Promise<void>;
}
