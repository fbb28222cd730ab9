/**
 * What a failure of kafkajs means to a caller.
 *
 * @module
 */
import { type RpcCode, RpcError } from "../wire/errors.ts";

/** The parts of the errors of kafkajs that tell them apart. */
interface KafkaFailure {
  /** Class of the error, for example `KafkaJSProtocolError`. */
  readonly name?: string;
  readonly message?: string;
  /** Name of the protocol's error code, for example `MESSAGE_TOO_LARGE`. */
  readonly type?: string;
  readonly cause?: unknown;
}

/** Finds the first protocol error or the innermost cause of a failure. */
function rootOf(error: unknown): KafkaFailure {
  let failure = Object(error) as KafkaFailure;
  while (failure.type === undefined && failure.cause instanceof Error) {
    failure = failure.cause as KafkaFailure;
  }
  return failure;
}

/**
 * Gives the protocol's name of a failure.
 *
 * @param error What kafkajs threw.
 * @returns For example `OFFSET_OUT_OF_RANGE`; undefined where it is not about the protocol.
 * @see https://kafka.apache.org/protocol#protocol_error_codes
 */
export function protocolError(error: unknown): string | undefined {
  return rootOf(error).type;
}

/** What a cluster refuses for good. */
const INVALID: readonly string[] = [
  "INVALID_TOPIC_EXCEPTION",
  "INVALID_REPLICATION_FACTOR",
  "INVALID_PARTITIONS",
  "INVALID_CONFIG",
];

function codeOf({ name = "", type = "", message = "" }: KafkaFailure): RpcCode {
  // Deno's own words, inside the library's error: asking again gives the same answer.
  if (/Requires \w+ access/.test(message)) return "permission_denied";
  if (type === "MESSAGE_TOO_LARGE" || type === "RECORD_LIST_TOO_LARGE") {
    return "resource_exhausted";
  }
  if (type.endsWith("_AUTHORIZATION_FAILED")) return "permission_denied";
  if (
    name.startsWith("KafkaJSSASL") || type.startsWith("SASL_") ||
    type === "ILLEGAL_SASL_STATE"
  ) {
    return "unauthenticated";
  }
  if (INVALID.includes(type)) return "invalid_argument";
  if (name === "KafkaJSNotImplemented") return "data_loss";
  if (type === "UNKNOWN_TOPIC_OR_PARTITION") return "failed_precondition";
  return "unavailable";
}

const ADVICE: Partial<Record<RpcCode, string>> = {
  resource_exhausted: "Send less, or raise `max.message.bytes` of the topic.",
  permission_denied: "Grant this program Deno's permission, or this principal Kafka's ACL.",
  invalid_argument: "Check the names and numbers of the topics.",
  unauthenticated: "Check `sasl` and `ssl`.",
  data_loss: "Only gzip and uncompressed records can be read here: set `compression.type` of the " +
    "topic to gzip or uncompressed.",
  failed_precondition: "Check that the topic exists on this cluster.",
  unavailable: "Check that the brokers are up and can be reached from here.",
};

/**
 * Gives the error that a caller sees for a failure of kafkajs.
 *
 * @param error What kafkajs threw.
 * @param what What could not be done, as in "Cannot X".
 * @returns An RpcError with the failure as its cause.
 */
export function kafkaError(error: unknown, what: string): RpcError {
  if (error instanceof RpcError) return error;
  const root = rootOf(error);
  const code = codeOf(root);
  const reason = [root.type, root.message].filter(Boolean).join(": ") ||
    String(error);
  const advice = ADVICE[code];
  const text = `Cannot ${what}: ${reason.replace(/\.$/, "")}.${advice ? ` ${advice}` : ""}`;
  return new RpcError(code, text, { cause: error });
}

/**
 * Says whether trying again can't help: wrong credentials, missing rights, or what the cluster
 * never takes.
 *
 * @param error The error.
 * @returns Whether it is final.
 */
export function isFinal(error: RpcError): boolean {
  return error.code === "permission_denied" ||
    error.code === "unauthenticated" ||
    error.code === "invalid_argument";
}

/**
 * Says whether trying again may help: an outage, or a topic that is just being
 * made anew. A topic that does not exist stays so until the time is over.
 *
 * @param error The error.
 * @returns Whether it may pass.
 */
export function isPassing(error: RpcError): boolean {
  return error.code === "unavailable" ||
    protocolError(error.cause) === "UNKNOWN_TOPIC_OR_PARTITION";
}

/** A group has no coordinator just now, or one that is not ready. */
const COORDINATOR_ERRORS: readonly string[] = [
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "GROUP_LOAD_IN_PROGRESS",
  "NOT_COORDINATOR_FOR_GROUP",
];

/**
 * Says whether a question about a group failed only because its coordinator is not there yet.
 *
 * @param error What kafkajs threw.
 * @returns Whether asking again soon may help.
 */
export function isWithoutCoordinator(error: unknown): boolean {
  const { type = "", name = "" } = rootOf(error);
  return COORDINATOR_ERRORS.includes(type) || name === "KafkaJSGroupCoordinatorNotFound";
}

/** What a failed connection says, and what is probably wrong. */
const CONNECT_ADVICE: readonly (readonly [RegExp, string])[] = [
  [/certificate/i, "Give the authority that signed its certificate as `ssl: { ca }`."],
  [/TLS|SSL/, "The listener there may not speak TLS: check `ssl` and the port."],
  [
    /^Closed connection/,
    "The listener there may want TLS or SASL: check `ssl`, `sasl` and the port.",
  ],
];

/**
 * Says what to do where a cluster can't be connected to.
 *
 * @param reason What the last connection failed with.
 * @returns A sentence or two.
 */
export function connectAdvice(reason: string): string {
  return CONNECT_ADVICE.find(([pattern]) => pattern.test(reason))?.[1] ??
    "Start a broker there, or give the right address in `brokers` or KAFKA_BROKERS.";
}
