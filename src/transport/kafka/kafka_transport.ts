// The transport over Apache Kafka.
import { clock, MAX_TIMER_MS, type Timer } from "../../async/clock.ts";
import { settleWithin } from "../../async/deadline.ts";
import { DEFAULT_CLIENT_ID } from "../../options/defaults.ts";
import { RpcError } from "../../wire/errors.ts";
import type { OutgoingRecord } from "../../wire/record.ts";
import { brokerAddress, brokerList } from "../brokers.ts";
import type { ConnectionOptions } from "../connection_options.ts";
import { LogThrottle } from "../../logging/log_throttle.ts";
import { silentLogger } from "../../logging/logger.ts";
import type {
  Bounds,
  ConsumeOptions,
  Consumption,
  Reading,
  ReadOptions,
  RecentRecordsOptions,
  TailOptions,
  TopicSpec,
  Transport,
} from "../transport.ts";
import { committed } from "./committed.ts";
import { Credentials, fixedLogin } from "./credentials.ts";
import { Cluster, type TransportParts } from "./cluster.ts";
import { asRpcError, KafkaFailure } from "./errors.ts";
import { GroupMember } from "./group/member.ts";
import { Patience } from "./patience.ts";
import type { KafkaProtocol } from "./port.ts";
import { GroupPresence } from "./presence.ts";
import { RecordProducer } from "./producer.ts";
import { PartitionReader } from "./reader.ts";
import { RecordLog } from "./record_log.ts";
import { recentRecords } from "./recent_records.ts";
import { untilStarted } from "./start.ts";
import { readTail } from "./tail.ts";
import { ensureTopics, partitionsOf, type TopicsParts } from "./topics.ts";

/** How long a question that brokers answer from memory is waited for; longer while all are late. */
const PATIENCE = { minMs: 1_000, maxMs: 10_000 };
/** While no broker can be reached at the start: minimum interval between log lines. */
const UNREACHED_INTERVAL_MS = 10_000;
const THROTTLE_INTERVAL_MS = 30_000;
/** Most milliseconds for records in flight on close. */
const CLOSE_MS = 3_000;

export class KafkaTransport implements Transport {
  readonly address: string;
  readonly #background: boolean;
  readonly #closing = new AbortController();
  readonly #parts: TransportParts;
  readonly #producer: RecordProducer;
  readonly #presence: GroupPresence;
  readonly #unreached: LogThrottle;
  readonly #throttles: LogThrottle;
  readonly #credentials: Credentials | undefined;
  readonly #running = new Set<AsyncDisposable>();
  #alive: Timer | undefined;
  #closed: Promise<void> | undefined;

  /** `background`: whether it leaves the process free to end while it is open. */
  constructor(
    options: ConnectionOptions,
    { background, protocol }: { readonly background: boolean; readonly protocol: KafkaProtocol },
  ) {
    const { clientId = DEFAULT_CLIENT_ID } = options;
    const bootstrap = brokerList(options.brokers);
    const closing = this.#closing.signal;
    const logger = options.logger ?? silentLogger;
    this.address = bootstrap.join(",");
    this.#background = background;
    this.#unreached = new LogThrottle(logger, { intervalMs: UNREACHED_INTERVAL_MS });
    this.#throttles = new LogThrottle(logger, { intervalMs: THROTTLE_INTERVAL_MS });
    const login = fixedLogin(options);
    this.#credentials = login === undefined ? new Credentials(options, logger) : undefined;
    const cluster = new Cluster({
      protocol,
      bootstrap: bootstrap.map(brokerAddress),
      patience: new Patience(PATIENCE.minMs, PATIENCE.maxMs),
      throttles: this.#throttles,
      open: { clientId, ...login, background },
      credentials: this.#credentials,
    });
    this.#parts = { cluster, logger, maxUnpackedBytes: options.maxUnpackedBytes, closing };
    this.#producer = new RecordProducer(this.#parts, options);
    this.#presence = new GroupPresence(this.#parts);
  }

  get clusterId(): string | undefined {
    return this.#parts.cluster.id;
  }

  async connect(bounds: Bounds = {}): Promise<void> {
    this.#keepAlive();
    await untilStarted((signal) => this.#parts.cluster.metadata([], signal), {
      ...bounds,
      what: `connect to Kafka at ${this.address}`,
      closing: this.#closing.signal,
      onFailure: (error) => this.#warnUnreached(error),
    });
  }

  /** While brokers are away there is no socket, and nothing else, that would keep a server alive. */
  #keepAlive(): void {
    if (this.#background || this.#closing.signal.aborted) return;
    this.#alive?.cancel();
    this.#alive = clock.timer(MAX_TIMER_MS, () => this.#keepAlive());
  }

  /** At once, not when the time is over: an operator who reads the log can correct the address. */
  #warnUnreached(failure: unknown): void {
    // What has a code was said by a broker.
    if (failure instanceof KafkaFailure) {
      return this.#parts.logger.debug("Kafka is not ready yet", { error: failure });
    }
    const error = asRpcError(failure, `reach Kafka at ${this.address}`);
    this.#unreached.log("Kafka cannot be reached, trying again", { brokers: this.address, error });
  }

  get #topics(): TopicsParts {
    return {
      ...this.#parts,
      address: this.address,
      onFailure: (failure) => this.#warnUnreached(failure),
    };
  }

  async ensureTopics(
    topics: readonly TopicSpec[],
    options: Bounds & { create: boolean },
  ): Promise<void> {
    await ensureTopics(this.#topics, topics, options);
    const written = topics.filter(({ rights }) => rights?.includes("Write"));
    void this.#producer.prepare(written.map(({ topic }) => topic));
  }

  partitionsOf(topic: string, bounds?: Bounds): Promise<number> {
    return partitionsOf(this.#topics, topic, bounds);
  }

  groupIsLive(group: string, topic: string, bounds?: Bounds): Promise<boolean | undefined> {
    return this.#presence.isLive(group, topic, bounds);
  }

  groupMembers(
    group: string,
    bounds?: Bounds,
  ): Promise<readonly (string | undefined)[] | undefined> {
    return this.#presence.members(group, bounds);
  }

  committed(
    group: string,
    place: { readonly topic: string; readonly partition: number },
    bounds?: Bounds,
  ): Promise<bigint | undefined> {
    return committed(this.#parts, { group, ...place }, bounds);
  }

  produce(record: OutgoingRecord, signal?: AbortSignal): Promise<void> {
    return this.#producer.send(record, signal);
  }

  readTail(options: TailOptions): Promise<void> {
    return readTail(this.#parts, options);
  }

  recentRecords(options: RecentRecordsOptions): Promise<readonly number[]> {
    return recentRecords(this.#parts, options);
  }

  read(options: ReadOptions): Promise<Reading> {
    return this.#keep(PartitionReader.start(this.#parts, options));
  }

  consume(options: ConsumeOptions): Promise<Consumption> {
    return this.#keep(GroupMember.join(this.#parts, options));
  }

  /** Its topics as logs, for an operator's tools. */
  get log(): RecordLog {
    return new RecordLog(this.#parts);
  }

  async #keep<T extends AsyncDisposable>(starting: Promise<T>): Promise<T> {
    const started = await starting;
    this.#running.add(started);
    if (this.#closing.signal.aborted) await started[Symbol.asyncDispose]();
    return started;
  }

  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const ended = [...this.#running].map((running) => running[Symbol.asyncDispose]());
    await settleWithin(this.#producer.idle(), CLOSE_MS);
    this.#closing.abort(new RpcError("canceled", "Cannot go on: the transport is closed."));
    await Promise.all(ended);
    this.#alive?.cancel();
    this.#parts.cluster.close();
    this.#presence.close();
    this.#unreached.close();
    this.#throttles.close();
    this.#credentials?.close();
  }
}
