// Produces records, in one attempt each.
import { clock } from "../../async/clock.ts";
import { RpcError } from "../../wire/errors.ts";
import { type OutgoingRecord, recordBytes } from "../../wire/record.ts";
import { Batcher } from "../batcher.ts";
import type { Compression, ConnectionOptions } from "../connection_options.ts";
import { leaderOf, type TopicMetadata, type TransportParts } from "./cluster.ts";
import { errorCode, UNKNOWN_TOPIC } from "./error_codes.ts";
import { asRunningError, judge, KafkaFailure, throwFailure } from "./errors.ts";
import { MOMENT_MS } from "./moment.ts";
import type { Lane } from "./lane.ts";
import { Patience } from "./patience.ts";
import { partitionOf } from "../murmur2.ts";
import type { Requests } from "./port.ts";

const ACKNOWLEDGE_MS = 10_000;
/** A request that is this late is sent again over a new connection; longer while all are. */
const PATIENCE = { minMs: 1_250, maxMs: 15_000 };
const LIMITS = { maxRecords: 500, maxBytes: 900_000, maxInFlight: 4 };

type Batch = Requests["Produce"]["partitions"][number] & {
  readonly records: OutgoingRecord[];
  /** Whether one of them asks for its place. */
  isAsked: boolean;
};

/** Sends each record to the leader of its partition, together with others of the moment. */
export class RecordProducer {
  readonly #parts: TransportParts;
  readonly #lane: Lane;
  readonly #compression: Compression | undefined;
  readonly #patience = new Patience(PATIENCE.minMs, PATIENCE.maxMs);
  /** By leader: one that does not answer holds back no records of others. */
  readonly #batchers = new Map<number, Batcher>();
  readonly #missing = new Map<string, number>();
  #round = 0;
  /** Records that fail together share their error: they may be thousands, and each has a stack. */
  readonly #errors = new WeakMap<object, Map<string, RpcError>>();

  constructor(parts: TransportParts, { compression }: Pick<ConnectionOptions, "compression"> = {}) {
    this.#parts = parts;
    this.#compression = compression;
    this.#lane = parts.cluster.lane();
  }

  /**
   * It gives the promise of the batcher on, and is no async function: of each of thousands of records
   * that would keep half a kilobyte.
   */
  send(record: OutgoingRecord, signal?: AbortSignal): Promise<void> {
    const { cluster, closing } = this.#parts;
    const { topic } = record;
    const known = cluster.knownTopic(topic);
    if (known !== undefined) return this.#add(record, known, signal);
    return cluster.topic(topic, { signal: closing, purpose: "Produce" }).then(
      (found) => this.#add(record, found, signal),
      (failure) => Promise.reject(this.#failure(failure, topic)),
    );
  }

  #add(
    record: OutgoingRecord,
    found: TopicMetadata,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { topic, key } = record;
    try {
      const { partition = this.#partitionOf(key, found.partitions) } = record;
      const placed = record.partition === undefined ? { ...record, partition } : record;
      return this.#batcher(leaderOf(found, partition)).add(placed, signal);
    } catch (failure) {
      return Promise.reject(this.#failure(failure, topic));
    }
  }

  /** Opens connections to the leaders of topics, so that the first record need not wait for it. */
  async prepare(topics: readonly string[]): Promise<void> {
    const { cluster, closing: signal, logger } = this.#parts;
    try {
      const found = await Promise.all(topics.map((topic) => cluster.topic(topic, { signal })));
      const leaders = found.flatMap(({ partitions }) => partitions.map(({ leader }) => leader))
        .filter((leader) => leader >= 0);
      await Promise.all([...new Set(leaders)].map((leader) => this.#lane.open(leader, signal)));
    } catch (error) {
      logger.debug("connections for records are not open yet", { error });
    }
  }

  /** As Java has it, so that one key has one partition whatever the program. */
  #partitionOf(key: Uint8Array | null, partitions: TopicMetadata["partitions"]): number {
    if (key !== null) return partitionOf(key, partitions.length);
    const led = partitions.filter(({ leader }) => leader >= 0);
    return led[this.#round++ % led.length]?.partition ?? 0;
  }

  #failure(failure: unknown, topic: string): RpcError {
    const { closing } = this.#parts;
    if (closing.aborted) {
      return new RpcError("unavailable", "Cannot send: the transport is closed. Open another one.");
    }
    const errors = this.#errors.get(Object(failure)) ?? new Map<string, RpcError>();
    const error = errors.get(topic) ?? this.#errorOf(failure, topic);
    this.#errors.set(Object(failure), errors.set(topic, error));
    return error;
  }

  #errorOf(failure: unknown, topic: string): RpcError {
    const { refreshes } = judge(failure, "running");
    if (refreshes === "metadata") this.#parts.cluster.forgetTopic(topic);
    const error = asRunningError(failure, `send to ${topic}`);
    if (!(failure instanceof KafkaFailure) || failure.code !== UNKNOWN_TOPIC) return error;
    // A topic that is just being made anew is soon there; one that was deleted stays away.
    const since = this.#missing.get(topic) ?? clock.now();
    this.#missing.set(topic, since);
    return clock.now() - since >= MOMENT_MS
      ? error
      : new RpcError("unavailable", error.message, { cause: failure });
  }

  #batcher(leader: number): Batcher {
    let batcher = this.#batchers.get(leader);
    if (batcher === undefined) {
      batcher = new Batcher((records) => this.#request(leader, records), {
        ...LIMITS,
        ready: () => this.#lane.open(leader, this.#parts.closing),
        splits: isTooLarge,
        errorOf: (failure, record) =>
          tooLarge(failure, record) ?? this.#failure(failure, record.topic),
      });
      this.#batchers.set(leader, batcher);
    }
    return batcher;
  }

  /** One promise a record; those of a partition share theirs. */
  #request(leader: number, records: readonly OutgoingRecord[]): Promise<void>[] {
    const timestamp = clock.wallTime();
    const compression = this.#compression;
    const batches = new Map<string, Batch>();
    let latest: Batch | undefined;
    const batchOf = records.map((record) => {
      const { topic, partition = 0 } = record;
      // Nearly always the one of the record before: its name need not be made again.
      if (latest?.partition !== partition || latest.topic !== topic) {
        const name = `${topic}[${partition}]`;
        latest = batches.get(name) ?? {
          topic,
          partition,
          timestamp,
          compression,
          records: [],
          isAsked: false,
        };
        batches.set(name, latest);
      }
      latest.records.push(record);
      if (record.onPlaced !== undefined) latest.isAsked = true;
      return latest;
    });
    const answered = this.#ask(leader, [...batches.values()]);
    const outcomes = new Map([...batches].map(([name, batch]) => {
      const { topic, partition } = batch;
      const outcome = answered.then((answer) => {
        const item = answer.partitions.find((one) => {
          return one.topic === topic && one.partition === partition;
        });
        throwFailure("Produce", `topic ${name}`, item ?? { error: -1 });
        if (batch.isAsked) {
          batch.records.forEach((record, index) => {
            record.onPlaced?.({ partition, offset: item!.baseOffset + BigInt(index) }, record);
          });
        }
        this.#missing.delete(topic);
      });
      return [batch, outcome] as const;
    }));
    return batchOf.map((batch) => outcomes.get(batch)!);
  }

  async #ask(leader: number, partitions: Batch[]) {
    const { closing: signal, logger } = this.#parts;
    const patience = this.#patience;
    try {
      const request = { timeoutMs: ACKNOWLEDGE_MS, partitions };
      return await this.#lane.send(leader, "Produce", request, { signal, patience });
    } catch (error) {
      logger.debug("records could not be sent", { leader, batches: partitions.length, error });
      throw error;
    }
  }

  async idle(): Promise<void> {
    await Promise.all([...this.#batchers.values()].map((batcher) => batcher.idle()));
  }
}

function isTooLarge(failure: unknown): failure is KafkaFailure {
  return failure instanceof KafkaFailure &&
    errorCode(failure.code).rpc === "resource_exhausted";
}

/** It is of this record alone: those that were refused together are sent again one by one. */
function tooLarge(failure: unknown, record: OutgoingRecord): RpcError | undefined {
  if (!isTooLarge(failure)) return undefined;
  const size = recordBytes(record);
  return new RpcError(
    "resource_exhausted",
    `Cannot send to ${record.topic}: the record has at most ${size} bytes, the topic takes fewer ` +
      `(${failure.message}). Put the value in a store and send its address, as in ` +
      "docs/values.md#claim-check; or raise `max.message.bytes` of the topic (1 048 588 unless it " +
      "is changed).",
    { cause: failure, details: { size } },
  );
}
