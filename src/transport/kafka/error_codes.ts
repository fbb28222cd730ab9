// The error codes of the Kafka protocol, and what each means here.
import type { RpcCode } from "../../wire/errors.ts";

/**
 * What to do about a failure.
 *
 * - `outage`: it passes; try again
 * - `throttled`: it passes when the quota allows it again
 * - `refused`: the cluster does not want it; only an operator of the cluster can change that
 * - `misconfigured`: this program asks for what can't be
 */
export type FailureClass = "outage" | "throttled" | "refused" | "misconfigured";

export interface ErrorCode {
  readonly name: string;
  /** What to do about it in the middle of the work. */
  readonly kind: FailureClass;
  /** What memory it shows to be outdated. */
  readonly refreshes?: "metadata" | "coordinator" | undefined;
  /** A start meets it for a moment, after topics, rights or the offsets topic were just created. */
  readonly momentary?: boolean | undefined;
  readonly rpc: RpcCode;
  readonly advice?: string | undefined;
}

/** Codes that several parts of the transport look for by number. */
export const UNKNOWN_TOPIC = 3;
export const LEADER_NOT_AVAILABLE = 5;
/** Others join or leave. */
export const REBALANCE_IN_PROGRESS = 27;
export const TOPIC_AUTHORIZATION_FAILED = 29;
export const UNSUPPORTED_VERSION = 35;
export const GROUP_ID_NOT_FOUND = 69;
/** The answer has an id to join with. */
export const MEMBER_ID_REQUIRED = 79;

/** A member keeps its id for the next join. */
export const ILLEGAL_GENERATION = 22;
const UNKNOWN_MEMBER_ID = 25;
const FENCED_INSTANCE_ID = 82;

/** Whether this is no member any more: its partitions are another's. */
export function isLost(code: number): boolean {
  return code === ILLEGAL_GENERATION || code === UNKNOWN_MEMBER_ID || code === FENCED_INSTANCE_ID;
}

type Rest = Partial<Omit<ErrorCode, "name">>;
type Row = readonly [name: string, rest?: Rest];

const METADATA = { refreshes: "metadata" } as const;
const COORDINATOR = { refreshes: "coordinator" } as const;
const REFUSED = { kind: "refused", rpc: "failed_precondition" } as const;
const TOO_LARGE = {
  kind: "refused",
  rpc: "resource_exhausted",
  advice: "Send less, or raise `max.message.bytes` of the topic.",
} as const;
const REPLICAS = { advice: "Check the in-sync replicas of the topic." };
const CREDENTIALS = { kind: "refused", rpc: "unauthenticated", advice: "Check `sasl`." } as const;
const ACL = {
  kind: "refused",
  momentary: true,
  rpc: "permission_denied",
  advice: "Grant this principal the ACL.",
} as const;
const MISSING = {
  ...REFUSED,
  ...METADATA,
  momentary: true,
  advice: "Create the topic, or give the name of one that exists.",
} as const;
const wrong = (advice: string) => {
  return { kind: "misconfigured", rpc: "invalid_argument", advice } as const;
};

/** A code without a row of its own is an outage: trying again costs less than an end for no reason. */
const OUTAGE = {
  kind: "outage",
  rpc: "unavailable",
  advice: "Check that the brokers are up and can be reached from here.",
} as const;

/** @see https://kafka.apache.org/protocol#protocol_error_codes */
const CODES: Readonly<Record<number, Row>> = {
  [-1]: ["UNKNOWN_SERVER_ERROR"],
  1: ["OFFSET_OUT_OF_RANGE"],
  2: ["CORRUPT_MESSAGE"],
  3: ["UNKNOWN_TOPIC_OR_PARTITION", MISSING],
  5: ["LEADER_NOT_AVAILABLE", METADATA],
  6: ["NOT_LEADER_OR_FOLLOWER", METADATA],
  7: ["REQUEST_TIMED_OUT"],
  8: ["BROKER_NOT_AVAILABLE", METADATA],
  9: ["REPLICA_NOT_AVAILABLE", METADATA],
  10: ["MESSAGE_TOO_LARGE", TOO_LARGE],
  12: ["OFFSET_METADATA_TOO_LARGE", { kind: "refused" }],
  13: ["NETWORK_EXCEPTION", METADATA],
  14: ["COORDINATOR_LOAD_IN_PROGRESS", COORDINATOR],
  15: ["COORDINATOR_NOT_AVAILABLE", { momentary: true, ...COORDINATOR }],
  16: ["NOT_COORDINATOR", COORDINATOR],
  17: ["INVALID_TOPIC_EXCEPTION", wrong("Check the names of the topics.")],
  18: ["RECORD_LIST_TOO_LARGE", TOO_LARGE],
  19: ["NOT_ENOUGH_REPLICAS", REPLICAS],
  20: ["NOT_ENOUGH_REPLICAS_AFTER_APPEND", REPLICAS],
  22: ["ILLEGAL_GENERATION"],
  23: ["INCONSISTENT_GROUP_PROTOCOL", {
    ...REFUSED,
    advice:
      "Members of another kind, or with other assignors, hold the group: use another `group`.",
  }],
  24: ["INVALID_GROUP_ID", wrong("Check `group`.")],
  25: ["UNKNOWN_MEMBER_ID"],
  26: ["INVALID_SESSION_TIMEOUT", {
    ...REFUSED,
    advice: "Set `group.min.session.timeout.ms` of the brokers to 6000 or less, and " +
      "`group.max.session.timeout.ms` to 6000 or more.",
  }],
  27: ["REBALANCE_IN_PROGRESS"],
  29: ["TOPIC_AUTHORIZATION_FAILED", ACL],
  30: ["GROUP_AUTHORIZATION_FAILED", ACL],
  31: ["CLUSTER_AUTHORIZATION_FAILED", ACL],
  32: ["INVALID_TIMESTAMP", {
    ...REFUSED,
    advice: "Set the clock of this machine, or `message.timestamp.after.max.ms` and " +
      "`message.timestamp.before.max.ms` of the topic.",
  }],
  33: ["UNSUPPORTED_SASL_MECHANISM", CREDENTIALS],
  34: ["ILLEGAL_SASL_STATE", CREDENTIALS],
  35: ["UNSUPPORTED_VERSION", { kind: "refused", rpc: "unimplemented" }],
  36: ["TOPIC_ALREADY_EXISTS"],
  37: [
    "INVALID_PARTITIONS",
    wrong("Check `createTopics.partitions` and `createTopics.resultsPartitions`."),
  ],
  38: ["INVALID_REPLICATION_FACTOR", wrong("Check `createTopics.replicationFactor`.")],
  39: ["INVALID_REPLICA_ASSIGNMENT", wrong("Check `createTopics`.")],
  40: ["INVALID_CONFIG", wrong("Check the configuration of the topic.")],
  41: ["NOT_CONTROLLER", METADATA],
  42: ["INVALID_REQUEST", { kind: "refused", rpc: "internal" }],
  43: ["UNSUPPORTED_FOR_MESSAGE_FORMAT", REFUSED],
  44: ["POLICY_VIOLATION", {
    ...REFUSED,
    advice: "Ask for what the policy of the cluster allows.",
  }],
  53: ["TRANSACTIONAL_ID_AUTHORIZATION_FAILED", ACL],
  54: ["SECURITY_DISABLED", { kind: "refused" }],
  56: ["KAFKA_STORAGE_ERROR", METADATA],
  58: ["SASL_AUTHENTICATION_FAILED", CREDENTIALS],
  60: ["REASSIGNMENT_IN_PROGRESS"],
  68: ["NON_EMPTY_GROUP"],
  69: ["GROUP_ID_NOT_FOUND", COORDINATOR],
  72: ["LISTENER_NOT_FOUND", METADATA],
  74: ["FENCED_LEADER_EPOCH", METADATA],
  75: ["UNKNOWN_LEADER_EPOCH", METADATA],
  76: ["UNSUPPORTED_COMPRESSION_TYPE", {
    ...REFUSED,
    advice: "Set `compression` to `gzip` or `none`.",
  }],
  77: ["STALE_BROKER_EPOCH"],
  78: ["OFFSET_NOT_AVAILABLE"],
  79: ["MEMBER_ID_REQUIRED"],
  80: ["PREFERRED_LEADER_NOT_AVAILABLE", METADATA],
  81: ["GROUP_MAX_SIZE_REACHED", {
    ...REFUSED,
    advice: "Raise `group.max.size` of the brokers, or run fewer servers.",
  }],
  82: ["FENCED_INSTANCE_ID", REFUSED],
  87: ["INVALID_RECORD", {
    ...REFUSED,
    advice:
      "Check the `cleanup.policy` of the topic: a compacted one takes no record without a key.",
  }],
  88: ["UNSTABLE_OFFSET_COMMIT"],
  89: ["THROTTLING_QUOTA_EXCEEDED", { kind: "throttled", advice: "Raise the quota." }],
  100: ["UNKNOWN_TOPIC_ID", METADATA],
  103: ["INCONSISTENT_TOPIC_ID", METADATA],
};

/** Says what a code means: an outage that shows its number, where nothing is known of it. */
export function errorCode(code: number): ErrorCode {
  const [name, rest] = CODES[code] ?? [`error code ${code}`];
  return { ...OUTAGE, ...rest, name };
}
