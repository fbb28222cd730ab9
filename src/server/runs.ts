/**
 * Runs of commands: in a slot, until a deadline.
 *
 * @module
 */
import { clock } from "../async/clock.ts";
import type { Executor } from "../executor/executor.ts";
import { LogThrottle } from "../logging/log_throttle.ts";
import type { Logger } from "../logging/logger.ts";
import type { Failure } from "../wire/outcome.ts";
import { type RpcCode, RpcError } from "../wire/errors.ts";
import { failedOutcome } from "../wire/failure.ts";
import type { Outcome } from "../wire/outcome.ts";
import { type Request, requestBytes } from "../wire/request.ts";
import type { ServerCounts } from "./counts.ts";
import { explainMissing } from "./missing_command.ts";
import type { ServerSettings } from "./options.ts";
import { Slots } from "./slots.ts";

/** Commands that fail: minimum interval between log lines; those between are counted. */
const WARN_INTERVAL_MS = 1_000;
/** Codes of failures that somebody who runs the server must hear of. */
const MISTAKES: readonly RpcCode[] = ["unknown", "internal", "permission_denied"];
/** Characters of a stack in the log. */
const MOST_OF_A_STACK = 2_000;

/** What {@linkcode Runs} needs. */
export interface RunsOptions {
  /** Settings of the server. */
  readonly settings: ServerSettings;
  /** Runs commands. */
  readonly executor: Executor;
  /** Where each run is told. */
  readonly logger: Logger;
  /** What is counted. */
  readonly counts: ServerCounts;
  /** Resolves when it is certain whose the partitions are; undefined: this server's. */
  readonly certain: () => Promise<void> | undefined;
}

/** How a request is run. */
export interface RunOptions {
  /** Whether the result is sent as a value, or as text: the plain protocol. */
  readonly resultAs: "value" | "text";
  /** Unix milliseconds, on this server's clock, at which the caller gives up. */
  readonly deadline: number;
  /** Aborts when the caller gives up before. */
  readonly signal: AbortSignal;
}

/** Runs requests, so many at a time. */
export class Runs implements Disposable {
  readonly #options: RunsOptions;
  readonly #slots: Slots;
  /** Of their own: expressions that never end must not keep commands from running. */
  readonly #expressionSlots: Slots;
  readonly #stopping = new AbortController();
  #released = Promise.withResolvers<"released">();
  readonly #failures: LogThrottle;

  /**
   * Creates it.
   *
   * @param options What it needs.
   */
  constructor(options: RunsOptions) {
    this.#options = options;
    this.#failures = new LogThrottle(options.logger, { intervalMs: WARN_INTERVAL_MS });
    const { concurrency, sandboxes, limits } = options.settings;
    this.#slots = new Slots(concurrency, limits.queueMs);
    this.#expressionSlots = new Slots(sandboxes, limits.queueMs);
  }

  /** Aborts every command, running or waiting; its caller gets `unavailable` and may try again. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Reports the log lines that were left out. */
  [Symbol.dispose](): void {
    this.#failures.close();
  }

  /** Lets go of every request that waits: another server has its partition from now on. */
  release(): void {
    this.#slots.release();
    this.#expressionSlots.release();
    this.#released.resolve("released");
    this.#released = Promise.withResolvers();
  }

  /**
   * Runs a request.
   *
   * @param request The request.
   * @param options How.
   * @returns How it ended; undefined where it was let go of before it began.
   */
  async run(request: Request, options: RunOptions): Promise<Outcome | undefined> {
    const refusal = this.#refusal(request);
    if (refusal !== undefined) return refusal;
    const { counts, settings } = this.#options;
    const controller = new AbortController();
    const { signal } = controller;
    // By hand: AbortSignal.any would keep every run of this server on its stopping signal.
    const sources = [options.signal, this.#stopping.signal];
    const abort = () => {
      const given = options.signal.aborted;
      controller.abort(given ? options.signal.reason : stopped(request.command));
    };
    for (const source of sources) source.addEventListener("abort", abort, { once: true });
    if (sources.some(({ aborted }) => aborted)) abort();
    counts.waiting++;
    const slots = this.#slotsOf(request.command);
    const { command } = request;
    let slot = await slots.take({ command, deadline: options.deadline, signal });
    if (slot === "go" && this.#options.certain() !== undefined) {
      slot = await this.#confirm(signal);
      if (slot !== "go") slots.giveUnused();
    }
    counts.waiting--;
    try {
      if (slot === "go" && clock.wallTime() < options.deadline) {
        return await this.#execute(request, options, controller);
      }
      if (slot === "go") {
        slots.giveUnused();
        return this.#tooLate(request.command);
      }
      if (slot === "released") return undefined;
      if (slot === "aborted") return asOutcome(signal.reason);
      counts.shed++;
      return failedOutcome(
        "resource_exhausted",
        `Cannot run "${request.command}": this server is too busy to start it before its deadline ` +
          `or within the ${settings.limits.queueMs} ms of \`limits.queueMs\`. Try again later, or ` +
          "add servers and partitions.",
      );
    } finally {
      for (const source of sources) source.removeEventListener("abort", abort);
    }
  }

  /**
   * Waits until the group says whether this server still has its partitions: after it stood still,
   * another one may have answered what waits here.
   */
  async #confirm(signal: AbortSignal): Promise<"go" | "released" | "aborted"> {
    const aborted = Promise.withResolvers<"aborted">();
    const abort = () => aborted.resolve("aborted");
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    const released = this.#released.promise;
    let ended: "go" | "released" | "aborted" = "go";
    for (let wait = this.#options.certain(); ended === "go" && wait !== undefined;) {
      ended = await Promise.race([wait.then(() => "go" as const), released, aborted.promise]);
      wait = this.#options.certain();
    }
    signal.removeEventListener("abort", abort);
    return ended;
  }

  /** Its turn came after its deadline, in the moment between the two. */
  #tooLate(command: string): Outcome {
    this.#options.counts.expired++;
    const text = `Cannot run "${command}": its deadline passed while it waited for its turn.`;
    return failedOutcome("deadline_exceeded", text);
  }

  async #execute(
    request: Request,
    options: RunOptions,
    controller: AbortController,
  ): Promise<Outcome> {
    const { executor, settings, logger, counts } = this.#options;
    const { id, command, input, attempt, metadata, trace } = request;
    const left = Math.min(options.deadline - clock.wallTime(), settings.limits.timeoutMs);
    const timer = clock.timer(left, () => controller.abort(overran(command, left)));
    const start = clock.now();
    const context = { id, command, deadline: clock.wallTime() + left, attempt, metadata, trace };
    const job = { input, context, resultAs: options.resultAs };
    counts.running++;
    try {
      const outcome = await executor.run(job, controller.signal);
      const status = outcome.ok ? "ok" : outcome.failure.code;
      const ms = Math.round(clock.now() - start);
      logger.debug("command ran", { id, command, status, ms });
      if (!outcome.ok && outcome.logged !== true) this.#tell(request, outcome.failure);
      return outcome;
    } finally {
      counts.running--;
      timer.cancel();
      this.#slotsOf(command).give(command, clock.now() - start);
    }
  }

  /** Where expressions are not evaluated, a function may have that name. */
  #isExpression(command: string): boolean {
    return command === "eval" && this.#options.settings.evaluate;
  }

  #slotsOf(command: string): Slots {
    return this.#isExpression(command) ? this.#expressionSlots : this.#slots;
  }

  /**
   * Tells of a command that failed by a mistake of its own: its caller gets no stack. What is wrong
   * with an expression is for whoever sent it.
   */
  #tell({ id, command }: Request, { code, name, message, stack }: Failure): void {
    // An RpcError that was thrown on purpose says to the caller all that there is to say. Name and
    // stack together: a stack alone is whatever the command made of it, and `unknown` is also what
    // an error gets that is no RpcError for want of a code.
    const meant = name === "RpcError" && code !== "unknown" && stack?.startsWith("RpcError");
    if (this.#isExpression(command) || meant || !MISTAKES.includes(code)) return;
    const error = (stack ?? `${name}: ${message}`).slice(0, MOST_OF_A_STACK);
    this.#failures.log("a command failed", { id, command, code, error });
  }

  /** Why a request is not run at all; undefined where it is. */
  #refusal(request: Request): Outcome | undefined {
    const { command } = request;
    const { executor, settings } = this.#options;
    if (!executor.commands.includes(command)) return explainMissing(command, executor.commands);
    const size = requestBytes(request);
    const limit = settings.limits.requestBytes;
    if (size <= limit) return undefined;
    return failedOutcome(
      "resource_exhausted",
      `Cannot run "${command}": its input and metadata have ${size} bytes, the limit of this ` +
        `server is ${limit}. Send less, or raise \`limits.requestBytes\`.`,
    );
  }
}

function overran(command: string, timeoutMs: number): RpcError {
  return new RpcError(
    "deadline_exceeded",
    `Cannot finish "${command}": it ran longer than the ${timeoutMs} ms that its caller and ` +
      "`limits.timeoutMs` leave it.",
  );
}

function stopped(command: string): RpcError {
  const text = `Cannot finish "${command}": the server stopped before it ended. It may have done ` +
    "a part of its work. Try again if it may run twice.";
  return new RpcError("unavailable", text);
}

function asOutcome(reason: unknown): Outcome {
  const { code, message } = reason as RpcError;
  return failedOutcome(code, message);
}
