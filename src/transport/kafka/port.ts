// What the core needs of a Kafka protocol library: it encodes, decodes and
// authenticates. What to do when something fails is the core's.
//
// An adapter never retries, refreshes, waits for a throttle, or judges time. It
// keeps nothing beyond a socket, and whatever arrives on that socket neither
// throws past its connection nor leaves a promise open. Answers carry their
// errors item by item, by number: one topic that fails fails no other.
import type { OutgoingRecord } from "../../wire/record.ts";
import type { Compression } from "../connection_options.ts";
import type { SaslTexts, TlsTexts } from "./login_texts.ts";
import type { Operation } from "./operations.ts";

export interface BrokerAddress {
  /** Host name, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface OpenOptions {
  /** Name of this program in the broker's logs and quotas. */
  readonly clientId: string;
  readonly ssl?: TlsTexts | true | undefined;
  /** Authentication. The adapter works on copies, and never changes it. */
  readonly sasl?: SaslTexts | undefined;
  /** Whether the open socket leaves the process free to end. */
  readonly background: boolean;
  /** Of a name with several addresses, which one is tried first, counted on without end. Default: 0. */
  readonly attempt?: number | undefined;
  /** Aborts the opening: the socket is destroyed, and the promise rejects with its reason. */
  readonly signal: AbortSignal;
}

/** A protocol library. */
export interface KafkaProtocol {
  /**
   * Opens a connection: TCP, TLS, ApiVersions, SASL.
   *
   * @throws {ConnectionFailed} Whatever ended it.
   */
  open(address: BrokerAddress, options: OpenOptions): Promise<BrokerConnection>;
}

/** One authenticated connection, as long as its socket lives. */
export interface BrokerConnection {
  readonly address: BrokerAddress;
  /** Resolves with the reason once it has ended; never rejects. */
  readonly ended: Promise<ConnectionFailed>;
  readonly isOpen: boolean;
  /** Bytes that have arrived so far: a slow answer differs from none by them. */
  readonly bytesReceived: number;
  /** Milliseconds that the broker accepts this authentication; undefined where it sets no end. */
  readonly sessionMs: number | undefined;
  /**
   * Sends a request. The broker answers those of one connection in order.
   *
   * @throws {ConnectionFailed} Where the connection ended before the answer, whatever the reason.
   */
  send<A extends Api>(api: A, request: Requests[A]): Promise<Answers[A]>;
  /** Ends it now: what is in flight rejects with the reason, the socket is destroyed. */
  close(reason?: string): void;
}

/** What ended a connection, or kept it from being opened. */
export type FailureKind =
  /** TCP: refused, reset, closed, not resolved. */
  | "network"
  /** The TLS handshake, or a certificate, on either side. */
  | "tls"
  /** A certificate, key or passphrase of this program that can't be used; final. */
  | "tls_options"
  /** The broker refused the credentials or the mechanism: only its own word counts; final. */
  | "authentication"
  | "token"
  /** A function of this program that gives credentials, or a file of them. */
  | "credentials"
  /** What came is not the Kafka protocol, or breaks it. */
  | "protocol"
  /** The broker lacks a request, or a version of it that the library has; final. */
  | "unsupported"
  /** Deno's own permissions; final. */
  | "permission"
  | "closed";

/** Why there is no connection (any more). */
export class ConnectionFailed extends Error {
  override readonly name = "ConnectionFailed";
  readonly kind: FailureKind;
  /** Whether the next credentials of this program may be taken: it need not end. */
  readonly mayPass: boolean;

  constructor(
    kind: FailureKind,
    message: string,
    { mayPass = false, ...options }: ErrorOptions & { readonly mayPass?: boolean } = {},
  ) {
    super(message, options);
    this.kind = kind;
    this.mayPass = mayPass;
  }
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** What is asked, by request. All in one flat list: grouping by topic is the adapter's. */
export interface Requests {
  readonly Metadata: {
    readonly topics: readonly string[];
    /** Whether the answer says what this program may do with each topic. */
    readonly rights?: boolean | undefined;
  };
  readonly ListOffsets: {
    /** `timestamp`: Unix milliseconds, or {@linkcode LATEST} or {@linkcode EARLIEST}. */
    readonly partitions: readonly (TopicPartition & { readonly timestamp: bigint })[];
  };
  readonly Produce: {
    /** How long the leader waits for its followers. */
    readonly timeoutMs: number;
    /** `records`: in order, none empty; `timestamp` of all of them. Default of `compression`: none. */
    readonly partitions: readonly (TopicPartition & {
      readonly records: readonly OutgoingRecord[];
      readonly timestamp: number;
      readonly compression?: Compression | undefined;
    })[];
  };
  readonly Fetch: {
    readonly maxWaitMs: number;
    readonly minBytes: number;
    readonly maxBytes: number;
    readonly partitions: readonly (TopicPartition & {
      readonly offset: bigint;
      readonly maxBytes: number;
    })[];
  };
  readonly FindCoordinator: { readonly group: string };
  readonly JoinGroup: {
    readonly group: string;
    /** Empty for a new member: the broker answers MEMBER_ID_REQUIRED (79) and an id. */
    readonly memberId: string;
    readonly sessionTimeoutMs: number;
    readonly rebalanceTimeoutMs: number;
    /** In the order of preference. */
    readonly protocols: readonly { readonly name: string; readonly metadata: Uint8Array }[];
  };
  readonly SyncGroup: GroupGeneration & {
    /** Given by the leader; empty from others. */
    readonly assignments: readonly { readonly memberId: string; readonly assignment: Uint8Array }[];
  };
  readonly Heartbeat: GroupGeneration;
  readonly LeaveGroup: { readonly group: string; readonly memberId: string };
  readonly OffsetCommit: GroupGeneration & {
    readonly partitions: readonly (TopicPartition & { readonly offset: bigint })[];
  };
  readonly OffsetFetch: { readonly group: string; readonly partitions: readonly TopicPartition[] };
  readonly DescribeGroups: { readonly groups: readonly string[] };
  /** Groups of KIP-848, which DescribeGroups calls dead. */
  readonly ConsumerGroupDescribe: { readonly groups: readonly string[] };
  readonly CreateTopics: {
    readonly timeoutMs: number;
    /** `replicationFactor` −1: the broker's default. */
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: number;
      readonly replicationFactor: number;
    }[];
  };
}

/** A member in one generation of a group. */
export interface GroupGeneration {
  readonly group: string;
  readonly generation: number;
  readonly memberId: string;
}

/** An error code of the protocol, 0 for none, and the broker's own text where it gives one. */
export interface Item {
  /** @see https://kafka.apache.org/protocol#protocol_error_codes */
  readonly error: number;
  readonly message?: string | undefined;
}

export interface Throttled {
  /**
   * Milliseconds that the client must not send on this connection (KIP-219). 0 where the broker
   * has waited already.
   */
  readonly throttleMs: number;
}

export interface Answers {
  readonly Metadata: Throttled & {
    readonly brokers: readonly (BrokerAddress & { readonly nodeId: number })[];
    readonly controllerId: number;
    /** Id of the cluster. */
    readonly clusterId?: string | undefined;
    readonly topics: readonly (Item & {
      readonly topic: string;
      /** Undefined where it was not asked, or the broker is older than Kafka 2.3. */
      readonly rights?: readonly Operation[] | undefined;
      /** `leader` −1: none. */
      readonly partitions: readonly (Item & {
        readonly partition: number;
        readonly leader: number;
      })[];
    })[];
  };
  /** `offset` −1: no record is that young. */
  readonly ListOffsets: Throttled & {
    readonly partitions: readonly (Item & TopicPartition & { readonly offset: bigint })[];
  };
  readonly Produce: Throttled & {
    readonly partitions: readonly (Item & TopicPartition & { readonly baseOffset: bigint })[];
  };
  /** `error` of the whole, or of each partition. */
  readonly Fetch: Throttled & Item & {
    readonly partitions: readonly (Item & TopicPartition & {
      readonly highWatermark: bigint;
      readonly logStartOffset: bigint;
      /** Record batches as they came, the last one perhaps cut short. A view of the answer. */
      readonly records: Uint8Array;
    })[];
  };
  readonly FindCoordinator: Throttled & Item & BrokerAddress & { readonly nodeId: number };
  readonly JoinGroup: Throttled & Item & {
    readonly generation: number;
    readonly protocol: string;
    readonly leader: string;
    readonly memberId: string;
    /** Given to the leader; empty for others. */
    readonly members: readonly { readonly memberId: string; readonly metadata: Uint8Array }[];
  };
  /** `assignment` may be empty: then there is nothing for this member. */
  readonly SyncGroup: Throttled & Item & { readonly assignment: Uint8Array };
  readonly Heartbeat: Throttled & Item;
  readonly LeaveGroup: Throttled & Item;
  readonly OffsetCommit: Throttled & { readonly partitions: readonly (Item & TopicPartition)[] };
  /** `offset` −1: none is committed. `error` of the whole, or of each partition. */
  readonly OffsetFetch: Throttled & Item & {
    readonly partitions: readonly (Item & TopicPartition & { readonly offset: bigint })[];
  };
  readonly DescribeGroups: GroupsAnswer;
  readonly ConsumerGroupDescribe: GroupsAnswer;
  readonly CreateTopics: Throttled & { readonly topics: readonly (Item & { topic: string })[] };
}

export type GroupsAnswer = Throttled & {
  readonly groups: readonly (Item & {
    readonly group: string;
    /** For example `Stable`, `Empty`, `Dead`. */
    readonly state: string;
    readonly members: number;
    /** What each member said of itself when it joined, where the request tells. */
    readonly metadata?: readonly Uint8Array[] | undefined;
  })[];
};

/** A request that the core makes. ApiVersions and SASL are the adapter's own. */
export type Api = keyof Requests;

/** In ListOffsets: the offset of the next record to come, uncommitted ones counted. */
export const LATEST = -1n;
/** In ListOffsets: the offset of the first record that the log still has. */
export const EARLIEST = -2n;

/** Isolation level: uncommitted records of transactions are read, and are before the log's end. */
export const READ_UNCOMMITTED = 0;
