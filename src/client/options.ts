/**
 * Options of clients and calls, checked.
 *
 * @module
 */
import type { ConnectionOptions } from "../transport/connection_options.ts";
import { checkDistinct, checkTopic, checkWhole } from "../transport/check.ts";
import { type Logger, safeLogger, silentLogger } from "../transport/logger.ts";
import { RpcError } from "../wire/errors.ts";
import type { BreakerOptions } from "./breaker.ts";
import { type RetryOptions, type RetrySettings, retrySettings } from "./retry.ts";
import { metadataNameProblem, type TraceContext } from "../wire/request.ts";

/** Options of {@linkcode connect}. */
export interface ConnectOptions extends ConnectionOptions {
  /** Topic that commands go to. Default: `commands`. */
  readonly topic?: string | undefined;
  /** Topic that results come on. Default: `<topic>_results`. */
  readonly resultsTopic?: string | undefined;
  /** Milliseconds a call waits where it says nothing else, 1 to 2 147 483 647. Default: 30 000. */
  readonly timeoutMs?: number | undefined;
  /** Most calls that wait at a time; one more is refused. Default: 10 000. */
  readonly maxPending?: number | undefined;
  /** Most bytes of an encoded input and its metadata, 1 to 2 147 483 647. Default: 1 000 000. */
  readonly requestBytes?: number | undefined;
  /** Consumer group of the servers. Default: `<topic>-servers`. */
  readonly group?: string | undefined;
  /**
   * Whether a call waits for a server where none listens. Default: false; it is refused with
   * `unavailable` in about the time of one question to the cluster.
   */
  readonly waitForServer?: boolean | undefined;
  /** When calls are tried again, where they say nothing else. Default: never. */
  readonly retry?: RetryOptions | undefined;
  /** Circuit breakers, one a command. Default: none. */
  readonly breaker?: BreakerOptions | undefined;
  /** Whether an aborted call is canceled at the servers, over `<topic>_control`. Default: true. */
  readonly control?: boolean | undefined;
  /** Aborts the connecting, and closes the client later. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of one call. */
export interface CallOptions {
  /** Milliseconds until it rejects with `deadline_exceeded`, 1 to 2 147 483 647. Default: the client's. */
  readonly timeoutMs?: number | undefined;
  /** Rejects the call with the signal's reason when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** When it is tried again. Default: the client's. */
  readonly retry?: RetryOptions | undefined;
  /** Whether it waits for a server where none listens. Default: the client's. */
  readonly waitForServer?: boolean | undefined;
  /** Headers for the command to see, as `context.metadata`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** W3C trace context, for the command and on the reply. */
  readonly trace?: TraceContext | undefined;
}

/** {@linkcode ConnectOptions} with every default in its place. */
export interface ClientSettings {
  /** Topic that commands go to. */
  readonly topic: string;
  /** Topic that results come on. */
  readonly resultsTopic: string;
  /** Milliseconds a call waits. */
  readonly timeoutMs: number;
  /** Most calls that wait. */
  readonly maxPending: number;
  /** Most bytes of an encoded input and its metadata. */
  readonly requestBytes: number;
  /** Consumer group of the servers. */
  readonly group: string;
  /** Whether calls wait for a server. */
  readonly waitForServer: boolean;
  /** When calls are tried again. */
  readonly retry: RetrySettings;
  /** When breakers open; undefined for no breakers. */
  readonly breaker: { readonly failures: number; readonly resetMs: number } | undefined;
  /** Topic that cancellations go to; undefined for none. */
  readonly controlTopic: string | undefined;
  /** Where log lines go. */
  readonly logger: Logger;
}

/**
 * Checks the options of a client and fills in its defaults.
 *
 * @param options As given.
 * @returns Every setting.
 * @throws {RpcError} `invalid_argument` that names the option.
 */
export function clientSettings(options: ConnectOptions): ClientSettings {
  const topic = checkTopic("topic", options.topic ?? "commands");
  const resultsTopic = checkTopic("resultsTopic", options.resultsTopic ?? `${topic}_results`);
  const controlTopic = options.control === false ? undefined : `${topic}_control`;
  checkDistinct([
    ["`topic`", topic],
    ["`resultsTopic`", resultsTopic],
    ["the topic of `control`", controlTopic],
  ]);
  return {
    topic,
    resultsTopic,
    timeoutMs: checkWhole("timeoutMs", options.timeoutMs ?? 30_000),
    maxPending: checkWhole("maxPending", options.maxPending ?? 10_000),
    requestBytes: checkWhole("requestBytes", options.requestBytes ?? 1_000_000),
    group: options.group ?? `${topic}-servers`,
    waitForServer: options.waitForServer ?? false,
    retry: retrySettings(options.retry),
    breaker: options.breaker && {
      failures: checkWhole("breaker.failures", options.breaker.failures ?? 5, 1_000),
      resetMs: checkWhole("breaker.resetMs", options.breaker.resetMs ?? 5_000),
    },
    controlTopic,
    logger: safeLogger(options.logger ?? silentLogger),
  };
}

/**
 * Checks the metadata of a call.
 *
 * @param metadata As given.
 * @returns The same.
 * @throws {RpcError} `invalid_argument` that names the header.
 */
export function checkMetadata(
  metadata: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(metadata)) {
    const problem = typeof value === "string"
      ? metadataNameProblem(name)
      : `its value is of type ${typeof value}, not string`;
    if (problem !== undefined) {
      throw new RpcError(
        "invalid_argument",
        `Cannot send the metadata ${JSON.stringify(name)}: ${problem}.`,
        { stage: "request" },
      );
    }
  }
  return metadata;
}

/** Refuses a trace context that no header can carry. */
export function checkTrace(trace: TraceContext | undefined): TraceContext | undefined {
  const { traceparent = "", tracestate = "" } = trace ?? {};
  if (typeof traceparent === "string" && typeof tracestate === "string") return trace;
  throw new RpcError(
    "invalid_argument",
    "Cannot send `trace`: traceparent and tracestate must be strings, as of a W3C trace context.",
    { stage: "request" },
  );
}

/** Refuses a command name that no header can carry. */
export function checkCommand(command: string): string {
  if (typeof command === "string" && /^[^\p{Cc}]{1,255}$/u.test(command)) {
    return command;
  }
  throw new RpcError(
    "invalid_argument",
    `Cannot call ${JSON.stringify(command)}: a command's name has 1 to 255 printable characters.`,
    { stage: "request" },
  );
}
