/**
 * What runs commands, whatever it is: this process, a worker, a child process.
 *
 * @module
 */
import { describe } from "../wire/describe.ts";
import type { RpcCode } from "../wire/errors.ts";
import type { Failure, Outcome, Payload } from "../wire/outcome.ts";
import type { TraceContext } from "../wire/request.ts";
export type { Failure, Outcome, Payload, RpcCode, TraceContext };

/** What a command knows of the call, besides its input. */
export interface CommandContext {
  /** Correlation id of the call, the same on every attempt. */
  readonly id: string;
  /** Name of the command. */
  readonly command: string;
  /** Aborts at the deadline, on cancellation, and when the server stops. */
  readonly signal: AbortSignal;
  /** Unix milliseconds after which the result is not awaited any more. */
  readonly deadline: number;
  /**
   * How often the caller has sent the request; above 1 an earlier attempt may have run. 1 does not
   * say that none did: after the crash of a server Kafka hands its requests out again.
   */
  readonly attempt: number;
  /** Headers that the caller added. */
  readonly metadata: Readonly<Record<string, string>>;
  /** W3C trace context of the call. */
  readonly trace?: TraceContext | undefined;
  /**
   * Sets a header of the reply, which the caller finds in the receipt of its call; also where the
   * command fails. All of them may have 16 384 bytes.
   *
   * @param name 1 to 200 printable ASCII characters; not `rpc-…` or another name of the protocol.
   * @param value Text.
   * @throws {TypeError} For what can't be sent, and once the command has ended.
   */
  setReplyMetadata(name: string, value: string): void;
}

/** The part of a {@linkcode CommandContext} that crosses threads and processes. */
export type JobContext = Omit<CommandContext, "signal" | "setReplyMetadata">;

/** One run of one command. */
export interface Job {
  /** The encoded input. */
  readonly input: Payload;
  /** What the command knows of the call. */
  readonly context: JobContext;
  /** Whether the result is sent as a value, or as `String(result)`: the plain protocol. */
  readonly resultAs: "value" | "text";
}

/** Hears when a job waits for its turn inside an executor: that is no time of its command. */
export interface Turn {
  /**
   * It waits, until {@linkcode Turn.begins}. Meanwhile its signal aborts where another server gets
   * it, or where it waits for too long.
   */
  waits(): void;
  /**
   * It begins after it waited; gives its deadline from now on, in Unix milliseconds. Where that has
   * passed its signal is aborted: it may not begin.
   */
  begins(): number;
}

/** Runs commands. */
export interface Executor extends AsyncDisposable {
  /** Names of the commands that it offers. */
  readonly commands: readonly string[];
  /**
   * Runs one command. It never rejects: whatever happens is an outcome. Once
   * the signal aborts, the outcome is its reason, and the command is stopped
   * where this executor can stop it. An executor that queues jobs says so by `turn`.
   */
  run(job: Job, signal: AbortSignal, turn?: Turn): Promise<Outcome>;
  /** Stops everything; bounded, and may be called again. */
  close(): Promise<void>;
}

/** Most bytes of an encoded result by default. */
export const DEFAULT_RESULT_BYTES = 1_000_000;

/**
 * Gives the outcome of a job whose signal aborted.
 *
 * @param reason The signal's reason.
 * @returns A failed outcome; `canceled` where the reason is no RpcError.
 */
export function abortedOutcome(reason: unknown): Outcome {
  const failure = describe(reason);
  return {
    ok: false,
    failure: failure.code === "unknown" ? { ...failure, code: "canceled" } : failure,
  };
}
