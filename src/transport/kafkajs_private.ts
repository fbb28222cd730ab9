/**
 * The one file that touches the private parts of kafkajs 2.2.4, and mends two
 * of them. Its version is pinned in deno.json; a test checks that each part is
 * still where this file expects it.
 *
 * What is used: the cluster factory behind a symbol of `Kafka` (there is no
 * public read without a consumer group), and the prototype of its request
 * queue (a timer of one millisecond runs there for as long as requests do).
 *
 * @module
 */
import { type Assigner, Kafka, type KafkaConfig, PartitionAssigners } from "kafkajs";
import PrivateConsumerGroup from "kafkajs/src/consumer/consumerGroup.js";
import PrivateRequestQueue from "kafkajs/src/network/requestQueue/index.js";
import { clearInterval, setInterval, setTimeout } from "node:timers";
import { Sockets } from "./kafkajs_sockets.ts";

/** A record of a fetch response. */
export interface FetchedMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: Record<
    string,
    Uint8Array | string | (Uint8Array | string)[] | undefined
  >;
  readonly isControlRecord?: boolean;
  /** The batch that it came in; records of it may be gone that were compacted away. */
  readonly batchContext?: { readonly firstOffset: string; readonly lastOffsetDelta: number };
}

/** One broker of a cluster. */
export interface PrivateBroker {
  fetch(request: {
    maxWaitTime: number;
    minBytes: number;
    maxBytes: number;
    isolationLevel: number;
    topics: {
      topic: string;
      partitions: {
        partition: number;
        fetchOffset: string;
        maxBytes: number;
      }[];
    }[];
  }): Promise<{
    responses: {
      topicName: string;
      partitions: { messages: FetchedMessage[] }[];
    }[];
  }>;
}

/** The cluster behind every producer and consumer of kafkajs. */
export interface PrivateCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  findTopicPartitionMetadata(
    topic: string,
  ): { partitionId: number; leader: number }[];
  findLeaderForPartitions(
    topic: string,
    partitions: number[],
  ): Record<string, number[]>;
  findBroker(node: { nodeId: string }): Promise<PrivateBroker>;
  fetchTopicsOffset(topics: {
    topic: string;
    partitions: { partition: number }[];
    fromBeginning?: boolean;
    fromTimestamp?: number;
  }[]): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>;
}

interface RequestQueue {
  pending: unknown[];
  inflight: Map<
    number,
    {
      readonly sentAt: number;
      readonly requestTimeout: number;
      readonly entry: { readonly apiKey: number };
      timeoutRequest(): void;
    }
  >;
  throttledUntil: number;
  throttleCheckTimeoutId: ReturnType<typeof setTimeout> | null;
  requestTimeout: number;
  requestTimeoutIntervalId: ReturnType<typeof setInterval> | undefined;
  enforceRequestTimeout: boolean;
  isConnected(): boolean;
  checkPendingRequests(): void;
  destroy(): void;
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
}

/** Stands for a colon; no host name has it. */
const IPV6_COLON = ";";

const CREATE_CLUSTER = "private:Kafka:createCluster";

/**
 * Questions that a broker answers from its memory: ApiVersions, Metadata and FindCoordinator. One of
 * them is the first that a client asks over a new connection. Where the network swallowed the
 * connection while it was opened, no answer ever comes, and the sooner it is given up, the sooner
 * the next one finds that the network is back.
 *
 * @see https://kafka.apache.org/protocol#protocol_api_keys
 */
const QUICK: ReadonlySet<number> = new Set([3, 10, 18]);
/** Longest wait for the answer to one of them. */
const QUICK_MS = 1_250;
/** How often the requests under way are looked at. */
const CHECK_TIMEOUTS_MS = 100;

/** kafkajs waits this long before it looks at its queue again; as in its own source. */
const CHECK_PENDING_MS = 10;

mendRequestQueue(
  (PrivateRequestQueue as unknown as { prototype: RequestQueue }).prototype,
);

/**
 * Two changes to every request queue of kafkajs:
 *
 * 1. Its check for pending requests is scheduled after every response, even
 *    with nothing pending and no throttling, with a negative delay that Node
 *    and Deno turn into one millisecond: a busy timer and a warning on the
 *    user's terminal. Here it is scheduled only for something to check.
 * 2. Its check for timed-out requests keeps the process alive for as long as a
 *    connection is open. Here it does not: a pending call has its own timer. And
 *    questions that are answered at once are not waited for as long as others.
 */
function mendRequestQueue(queue: RequestQueue): void {
  queue.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.throttleCheckTimeoutId || this.pending.length === 0) return;
    const wait = Math.max(this.throttledUntil - Date.now(), CHECK_PENDING_MS);
    this.throttleCheckTimeoutId = setTimeout(() => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    }, wait);
  };
  queue.scheduleRequestTimeoutCheck = function (this: RequestQueue): void {
    if (!this.enforceRequestTimeout) return;
    this.destroy();
    const interval = setInterval(() => {
      for (const request of this.inflight.values()) {
        const { sentAt, requestTimeout, entry } = request;
        const limit = QUICK.has(entry.apiKey) ? Math.min(QUICK_MS, requestTimeout) : requestTimeout;
        if (Date.now() - sentAt > limit) request.timeoutRequest();
      }
      if (!this.isConnected()) clearInterval(interval);
    }, Math.min(this.requestTimeout, CHECK_TIMEOUTS_MS));
    interval.unref();
    this.requestTimeoutIntervalId = interval;
  };
}

/** What a member of a group does around its joins. */
export interface JoinHooks {
  /** What a rebalance waits for before the member gives its partitions up; it must not reject. */
  readonly beforeJoin: () => Promise<void>;
  /** Id of the member that this one goes on for. */
  readonly formerMember: () => string | undefined;
  /** Whether the member is to leave: then it must not join any more. */
  readonly leaving: () => boolean;
}

/** The part of a consumer group that gives partitions up and takes others. */
interface ConsumerGroup {
  memberId: string | null;
  readonly assigners: readonly (Assigner & { hooks?: JoinHooks })[];
  joinAndSync(): Promise<void>;
}

hookJoins((PrivateConsumerGroup as unknown as { prototype: ConsumerGroup }).prototype);

/**
 * The third change: joins have hooks, which come in with the assigner. kafkajs
 * has no public moment between learning of a rebalance and giving every
 * partition up; and a consumer that follows one whose connection broke joins as
 * a stranger, for whom the broker has no partitions before the session of the
 * lost one has run out. Under the old id it has them back at once.
 */
function hookJoins(group: ConsumerGroup): void {
  const { joinAndSync } = group;
  group.joinAndSync = async function (this: ConsumerGroup): Promise<void> {
    const [hooks] = this.assigners.flatMap(({ hooks }) => hooks ?? []);
    // The first join gives nothing up.
    const former = hooks?.formerMember();
    if (former !== undefined) await hooks?.beforeJoin();
    if (hooks?.leaving()) {
      throw Object.assign(new Error("the member leaves the group"), { retriable: false });
    }
    this.memberId ||= former ?? null;
    return await joinAndSync.call(this);
  };
}

/**
 * The library's own assigner, with hooks.
 *
 * @param hooks What is done around joins.
 * @returns An assigner for `partitionAssigners`.
 */
export function assignerWith(hooks: JoinHooks): typeof PartitionAssigners.roundRobin {
  return (config) => Object.assign(PartitionAssigners.roundRobin(config), { hooks });
}

/** How often the library itself tries again. */
export interface RetryLimits {
  /** Attempts after the first one. */
  readonly retries: number;
  /** First wait in milliseconds. */
  readonly initialRetryTime?: number;
  /** Longest wait in milliseconds. */
  readonly maxRetryTime?: number;
}

/** A kafkajs client whose sockets can be reached. */
export interface OpenKafka {
  /** The client. */
  readonly kafka: Kafka;
  /** A cluster of its own, with connections of its own. */
  createCluster(): PrivateCluster;
  /** Destroys every open socket; see {@linkcode Sockets.destroy}. */
  destroySockets(): Promise<void>;
}

/**
 * Creates a kafkajs client with sockets of our own.
 *
 * Each of its clusters begins at the front of the list of bootstrap brokers, and goes on to the next
 * one only in the library's own retries. Whoever makes a new cluster for each attempt would try the
 * same broker for ever, though it is down: so each attempt begins somewhere else.
 *
 * @param config Configuration of the client.
 * @param options `background`: whether open connections leave the process free to end.
 * @returns The client.
 */
export function openKafka(
  config: KafkaConfig & { readonly brokers: string[] },
  options: { background: boolean },
): OpenKafka {
  const sockets = new Sockets(options);
  const kafka = new Kafka({
    ...config,
    brokers: () => rotated(config.brokers).map(hideColons),
    socketFactory: (to) => sockets.open({ ...to, host: showColons(to.host) }),
  });
  return {
    kafka,
    createCluster: () => clusterFactory(kafka)({ allowAutoTopicCreation: false }),
    destroySockets: () => sockets.destroy(),
  };
}

/** The library splits an address at its first colon: those of an IPv6 address are hidden from it. */
function hideColons(address: string): string {
  return address.replace(/\[(.*)\]/, (_, host: string) => host.replaceAll(":", IPV6_COLON));
}

function showColons(host: string): string {
  return host.includes(IPV6_COLON) ? host.replaceAll(IPV6_COLON, ":") : host;
}

/** The same list from another place on, by chance. */
function rotated(list: readonly string[]): string[] {
  const from = Math.floor(Math.random() * list.length);
  return [...list.slice(from), ...list.slice(0, from)];
}

function clusterFactory(
  kafka: Kafka,
): (options: { allowAutoTopicCreation: boolean }) => PrivateCluster {
  const symbol = Object.getOwnPropertySymbols(kafka)
    .find(({ description }) => description === CREATE_CLUSTER);
  const factory = symbol &&
    (kafka as unknown as Record<symbol, unknown>)[symbol];
  if (typeof factory !== "function") {
    throw new Error(
      `Cannot read without a consumer group: this kafkajs has no ${CREATE_CLUSTER}. ` +
        "Use kafkajs 2.2.4, the version this package pins.",
    );
  }
  return factory as ReturnType<typeof clusterFactory>;
}
