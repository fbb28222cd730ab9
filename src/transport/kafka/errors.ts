// What a failure is, and what a caller sees of it. The table of codes is beside this file.
import { RpcError } from "../../wire/errors.ts";
import { type ErrorCode, errorCode } from "./error_codes.ts";
import { type Api, ConnectionFailed, type FailureKind, type Item } from "./port.ts";

/** Longest wait of a running side before it tries again what the cluster refuses. */
export const REFUSED_MS = 2_000;

/** The right that is missing where a request is forbidden; most are for reading. */
const OPERATION: Partial<Record<Api, string>> = {
  Produce: "Write",
  Metadata: "Describe",
  DescribeGroups: "Describe",
  ConsumerGroupDescribe: "Describe",
  CreateTopics: "Create",
};

export class KafkaFailure extends Error {
  override readonly name = "KafkaFailure";
  readonly code: number;

  /** `api` is the request, or the one that it was asked for: it decides which right the text names. */
  constructor(api: Api, resource: string, item: Item) {
    const { name, rpc } = errorCode(item.error);
    const may = rpc === "permission_denied"
      ? `may not ${OPERATION[api] ?? "Read"} ${resource}`
      : resource;
    super(`${may}: ${[name, item.message].filter(Boolean).join(": ")}`);
    this.code = item.error;
  }
}

export function throwFailure(api: Api, resource: string, item: Item): void {
  if (item.error !== 0) throw new KafkaFailure(api, resource, item);
}

/** What to do about a failure. `momentary`: an outage only for a moment; then it ends the start. */
type Judgment = Pick<ErrorCode, "kind" | "refreshes" | "momentary">;

const UNREACHABLE =
  "Start a broker there, or give the right address in `brokers` or KAFKA_BROKERS.";
const LISTENER = "The listener there may want something else: check `ssl`, `sasl` and the port.";
/** What a connection that ends while it is opened says of the listener. */
const OPENING: readonly (readonly [RegExp, string])[] = [
  [/in place of a TLS/, "The listener there may not speak TLS: check `ssl` and the port."],
  [
    /before the answer to ApiVersions/,
    "The listener there may want TLS or SASL: check `ssl`, `sasl` and the port.",
  ],
];
const TLS = "Check `ssl`, the port, and the certificates of both sides.";
const SASL = "Check `sasl`.";

const CONNECTIONS: Readonly<Record<FailureKind, Omit<ErrorCode, "name">>> = {
  network: { kind: "outage", rpc: "unavailable", advice: UNREACHABLE },
  closed: { kind: "outage", rpc: "unavailable", advice: UNREACHABLE },
  tls: { kind: "refused", momentary: true, rpc: "unavailable", advice: TLS },
  tls_options: { kind: "misconfigured", rpc: "invalid_argument", advice: "Check `ssl`." },
  authentication: { kind: "refused", rpc: "unauthenticated", advice: SASL },
  token: { kind: "outage", rpc: "unavailable", advice: "Check `oauthBearerProvider`." },
  credentials: {
    kind: "outage",
    rpc: "unavailable",
    advice: "Check the functions and the files of `ssl` and `sasl`.",
  },
  protocol: { kind: "outage", rpc: "unavailable", advice: LISTENER },
  unsupported: { kind: "refused", rpc: "unimplemented", advice: "Use a newer broker." },
  permission: {
    kind: "misconfigured",
    rpc: "permission_denied",
    advice: "Grant this program Deno's permission.",
  },
};

/** Decides what to do about a failure, by the phase that met it; one that is not Kafka's passes. */
export function judge(failure: unknown, phase: "start" | "running"): Judgment {
  if (!(failure instanceof KafkaFailure) && !(failure instanceof ConnectionFailed)) {
    return { kind: "outage" };
  }
  if (failure instanceof ConnectionFailed && failure.mayPass) {
    if (phase === "running") return { kind: "outage", refreshes: "metadata" };
    // A certificate may be replaced a moment before its key.
    const momentary = failure.kind === "tls_options";
    if (momentary) return { kind: "outage", refreshes: "metadata", momentary };
  }
  const row: Judgment = failure instanceof KafkaFailure
    ? errorCode(failure.code)
    : { ...CONNECTIONS[failure.kind], refreshes: "metadata" };
  const { refreshes, kind, momentary = false } = row;
  return momentary && phase === "start"
    ? { kind: "outage", refreshes, momentary }
    : { kind, refreshes };
}

/** Gives the error that a caller sees: "Cannot `what`: reason`note`. Advice." */
export function asRpcError(failure: unknown, what: string, note = ""): RpcError {
  if (failure instanceof RpcError) return failure;
  const { message } = Object(failure) as Error;
  const row = failure instanceof KafkaFailure
    ? errorCode(failure.code)
    : CONNECTIONS[failure instanceof ConnectionFailed ? failure.kind : "network"];
  const reason = withoutPlace(String(message ?? failure).replace(/\.$/, ""), what);
  const hint = OPENING.find(([text]) => text.test(reason))?.[1] ?? row.advice;
  const advice = hint === undefined ? "" : ` ${hint}`;
  return new RpcError(row.rpc, `Cannot ${what}: ${reason}${note}.${advice}`, { cause: failure });
}

/** The same in the middle of the work: credentials that can change are refused for a time only. */
export function asRunningError(failure: unknown, what: string): RpcError {
  const error = asRpcError(failure, what);
  const passes = failure instanceof ConnectionFailed && failure.mayPass;
  return passes ? new RpcError("unavailable", error.message, { cause: failure }) : error;
}

/** `what` may end with the address that the reason begins with: it is named once. */
function withoutPlace(reason: string, what: string): string {
  const [, place = ""] = / at (\S+)$/.exec(what) ?? [];
  if (reason.startsWith(`${place}: `)) return reason.slice(place.length + 2);
  return reason.startsWith(`${place} `) ? `it${reason.slice(place.length)}` : reason;
}
