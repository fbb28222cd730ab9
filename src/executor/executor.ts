/**
 * What runs commands, whatever it is: this process, a worker, a child process; for executors of
 * one's own.
 *
 * @example Commands that are looked up at another service
 * ```ts
 * import { serve } from "@kafka-rpc/deno";
 * import { abortedOutcome, type Executor } from "@kafka-rpc/deno/executor";
 *
 * const contentType = "application/json";
 * const executor: Executor = {
 *   commands: ["price"],
 *   async run({ input }, signal) {
 *     const request = { method: "POST", body: input.bytes.slice(), signal };
 *     try {
 *       const response = await fetch("https://prices.example", request);
 *       return { ok: true, output: { bytes: await response.bytes(), contentType } };
 *     } catch (error) {
 *       if (signal.aborted) return abortedOutcome(signal.reason);
 *       return { ok: false, failure: { code: "unavailable", name: "Error", message: `${error}` } };
 *     }
 *   },
 *   close: () => Promise.resolve(),
 *   [Symbol.asyncDispose]: () => Promise.resolve(),
 * };
 * export const main = () => serve({ executor });
 * ```
 *
 * @module
 */
import type { CommandContext } from "../contract/command_context.ts";
import type { CommandPolicy } from "../contract/policy.ts";
import type { CommandDescription } from "../wire/discovery.ts";
import { describe } from "../wire/describe.ts";
import type { RpcCode } from "../wire/errors.ts";
import type { Failure, Outcome, Payload } from "../wire/outcome.ts";
import type { TraceContext } from "../wire/request.ts";
import type { Credit } from "../wire/stream.ts";
export type {
  CommandContext,
  CommandDescription,
  CommandPolicy,
  Credit,
  Failure,
  Outcome,
  Payload,
  RpcCode,
  TraceContext,
};

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
  /** Where the values of a stream go; undefined where the caller takes one result. */
  readonly stream?: ValueSink | undefined;
}

/**
 * Where the values of a stream go. Its command is asked for a value only while there is room for
 * it. The outcome of the job has `isEnd` then; without, it is the one value.
 */
export interface ValueSink {
  /** Takes the next value. Resolves when there is room for another; undefined where there is. */
  emit(value: Payload): Promise<void> | undefined;
  /** How much there is room for by now, from the first value on. */
  readonly credit: Credit;
  /** Sets what is called when `credit` has grown. */
  watch(onGrown: () => void): void;
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
  /** How they are to be run, where their contracts say. */
  readonly policies?: readonly (readonly [command: string, policy: CommandPolicy])[] | undefined;
  /** What their contracts say for others, where they do. */
  readonly descriptions?:
    | readonly (readonly [command: string, description: CommandDescription])[]
    | undefined;
  /** Content types of values that they read and write. Default: those that every server has. */
  readonly contentTypes?: readonly string[] | undefined;
  /**
   * Runs one command. It never rejects: whatever happens is an outcome. Once
   * the signal aborts, the outcome is its reason, and the command is stopped
   * where this executor can stop it. An executor that queues jobs says so by `turn`.
   */
  run(job: Job, signal: AbortSignal, turn?: Turn): Promise<Outcome>;
  /** Stops everything; bounded, and may be called again. */
  close(): Promise<void>;
}

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
