// A pool of sandboxes: warm before they are needed, replaced when they are spent.
import { backoff, delay } from "../async/delay.ts";
import { LogThrottle } from "../logging/log_throttle.ts";
import type { LogFields, Logger } from "../logging/logger.ts";
import { RpcError } from "../wire/errors.ts";
import { failedOutcome } from "../wire/failure.ts";
import type { Outcome } from "../wire/outcome.ts";
import { abortedOutcome, type Executor, type Job, type JobContext } from "./executor.ts";
import type { Sandbox } from "./sandbox.ts";

export interface PoolOptions {
  /** Starts one sandbox; rejects where it can't start, and when the signal aborts. */
  readonly start: (signal: AbortSignal) => Promise<Sandbox>;
  /** Sandboxes that are kept, busy ones and warm spares together. At least 1. */
  readonly size: number;
  /** Runs after which a sandbox is replaced. 1 gives every run a fresh one. */
  readonly runsPerSandbox: number;
  /** Where the end of a sandbox is logged. */
  readonly logger: Logger;
  /** Aborts the first start. */
  readonly signal?: AbortSignal | undefined;
}

/** Minimum interval between lines about sandboxes that one command ended. */
const WARN_INTERVAL_MS = 1_000;

/** What a sandbox has run. */
interface Usage {
  runs: number;
  /** The latest job. */
  context: JobContext;
}

/** Runs commands in sandboxes, one at a time in each. */
export class Pool implements Executor {
  readonly commands: readonly string[];
  readonly #options: PoolOptions;
  readonly #closing = new AbortController();
  readonly #all = new Set<Sandbox>();
  readonly #used = new Map<Sandbox, Usage>();
  readonly #ends = new Map<string, LogThrottle>();
  readonly #idle: Sandbox[] = [];
  readonly #waiting = new Set<(sandbox: Sandbox | undefined) => void>();
  readonly #starts = new Set<Promise<void>>();
  #delay = backoff({ firstMs: 100, maxMs: 5_000 });
  #failing = false;
  #startFailed = false;

  private constructor(options: PoolOptions, first: readonly [Sandbox, ...Sandbox[]]) {
    this.#options = options;
    this.commands = first[0].commands;
    for (const sandbox of first) this.#add(sandbox);
    this.#refill();
  }

  /**
   * Resolves with every sandbox warm that could be started at once. Rejects with what the first
   * start throws: code that fails at boot is not tried again.
   */
  static async start(options: PoolOptions): Promise<Pool> {
    const { signal = new AbortController().signal } = options;
    const first = await options.start(signal);
    const starts = Array.from({ length: options.size - 1 }, () => options.start(signal));
    const others = (await Promise.allSettled(starts)).flatMap((result) => {
      return result.status === "fulfilled" ? [result.value] : [];
    });
    return new Pool(options, [first, ...others]);
  }

  async run(job: Job, signal: AbortSignal): Promise<Outcome> {
    const sandbox = await this.#acquire(signal);
    if (sandbox === undefined) return this.#without(job.context.command, signal);
    const usage = { runs: (this.#used.get(sandbox)?.runs ?? 0) + 1, context: job.context };
    this.#used.set(sandbox, usage);
    const start = performance.now();
    const outcome = await sandbox.run(job, signal);
    void this.#release(sandbox, usage, () => overrun(signal, performance.now() - start));
    // The log line about its end has everything.
    return outcome.ok || sandbox.end === undefined ? outcome : { ...outcome, logged: true };
  }

  async close(): Promise<void> {
    const text = "Cannot run: the server is closed. Try again.";
    this.#closing.abort(new RpcError("unavailable", text));
    this.#dismiss();
    await Promise.all([...this.#all].map((sandbox) => sandbox.close()));
    await Promise.all(this.#starts);
    for (const throttle of this.#ends.values()) throttle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The outcome of a job that got no sandbox. */
  #without(command: string, signal: AbortSignal): Outcome {
    const ended = [signal, this.#closing.signal].find(({ aborted }) => aborted);
    if (ended !== undefined) return abortedOutcome(ended.reason);
    return failedOutcome(
      "resource_exhausted",
      // Not the reason: it names files and hosts of the server, and stands in its log.
      `Cannot run "${command}": no sandbox can be started, the log of the server says why. ` +
        "Try again later.",
    );
  }

  /** Reserves a sandbox; undefined once the signal aborts or none can be started. */
  async #acquire(signal: AbortSignal): Promise<Sandbox | undefined> {
    if (signal.aborted || this.#closing.signal.aborted || this.#starved) return undefined;
    for (let idle = this.#idle.shift(); idle !== undefined; idle = this.#idle.shift()) {
      if (idle.usable) return idle;
      // It is about to end, by something that its last command left behind.
      void this.#remove(idle);
    }
    const { promise, resolve } = Promise.withResolvers<Sandbox | undefined>();
    const abort = () => {
      this.#waiting.delete(resolve);
      resolve(undefined);
    };
    this.#waiting.add(resolve);
    signal.addEventListener("abort", abort, { once: true });
    const sandbox = await promise;
    signal.removeEventListener("abort", abort);
    return sandbox;
  }

  async #release(
    sandbox: Sandbox,
    { runs, context }: Usage,
    overran: () => LogFields,
  ): Promise<void> {
    const usable = await sandbox.settled();
    const closed = this.#closing.signal.aborted;
    const why = overran();
    const spent = runs >= this.#options.runsPerSandbox;
    if (usable) this.#recovered();
    const keep = usable && !spent && sandbox.usable;
    if (keep && this.#all.has(sandbox)) {
      if (!sandbox.spent) return this.#offer(sandbox);
      this.#refill();
      // A sandbox over the size has started in its place.
      if (this.#all.size <= this.#options.size) return this.#offer(sandbox);
    }
    await this.#remove(sandbox);
    if (usable || closed && sandbox.end === undefined) return;
    this.#logEnd("a sandbox ended, it is replaced", context, sandbox.end ?? why);
  }

  /** One line a command at a time: commands that end their sandboxes must not flood the log. */
  #logEnd(message: string, context: JobContext | undefined, why: LogFields): void {
    const key = `${message} ${context?.command}`;
    const { logger } = this.#options;
    const throttle = this.#ends.get(key) ??
      new LogThrottle(logger, { intervalMs: WARN_INTERVAL_MS });
    this.#ends.set(key, throttle);
    const about = context === undefined ? {} : { command: context.command, id: context.id };
    throttle.log(message, { ...about, ...why });
  }

  /** Every waiting job goes without a sandbox. */
  #dismiss(): void {
    for (const resolve of this.#waiting) resolve(undefined);
    this.#waiting.clear();
  }

  #offer(sandbox: Sandbox): void {
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#idle.push(sandbox);
    } else {
      this.#waiting.delete(first);
      first(sandbox);
    }
  }

  #add(sandbox: Sandbox): void {
    this.#all.add(sandbox);
    sandbox.ended.then(() => this.#ended(sandbox));
    this.#offer(sandbox);
    const spent = this.#idle.find(({ spent }) => spent);
    if (spent !== undefined && this.#all.size > this.#options.size) void this.#remove(spent);
  }

  /** A sandbox that ends by itself, idle: a crash, and perhaps the next one crashes too. */
  #ended(sandbox: Sandbox): void {
    if (this.#closing.signal.aborted || !this.#all.has(sandbox)) return;
    const index = this.#idle.indexOf(sandbox);
    if (index === -1) return; // It runs a command, and is removed when that is released.
    this.#failing = true;
    const { context } = this.#used.get(sandbox) ?? {};
    this.#logEnd("an idle sandbox ended, it is replaced", context, sandbox.end ?? {});
    void this.#remove(sandbox);
  }

  async #remove(sandbox: Sandbox): Promise<void> {
    if (!this.#all.delete(sandbox)) return;
    this.#used.delete(sandbox);
    const index = this.#idle.indexOf(sandbox);
    if (index !== -1) this.#idle.splice(index, 1);
    this.#refill();
    await sandbox.close();
  }

  /** Whether there is no sandbox, and starting one has just failed. */
  get #starved(): boolean {
    return this.#startFailed && this.#all.size === 0;
  }

  #recovered(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#delay = backoff({ firstMs: 100, maxMs: 5_000 });
  }

  /** Those in use until others have started in their place. */
  get #spent(): number {
    return [...this.#all].filter(({ spent }) => spent).length;
  }

  #refill(): void {
    while (
      !this.#closing.signal.aborted &&
      this.#all.size + this.#starts.size < this.#options.size + this.#spent
    ) {
      const start = this.#startOne().finally(() => {
        this.#starts.delete(start);
        // A sandbox that ended while it was still counted as starting was not replaced then.
        this.#refill();
      });
      this.#starts.add(start);
    }
  }

  /** Starts one sandbox, with back-off for as long as starts or idle sandboxes fail. */
  async #startOne(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      if (this.#failing) await delay(this.#delay(), this.#closing);
      if (this.#closing.signal.aborted) return;
      try {
        const sandbox = await this.#options.start(this.#closing.signal);
        if (this.#closing.signal.aborted) return await sandbox.close();
        this.#startFailed = false;
        return this.#add(sandbox);
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        this.#failing = true;
        this.#startFailed = true;
        if (this.#starved) this.#dismiss();
        this.#options.logger.error(
          "a sandbox cannot start, it is tried again",
          { error },
        );
      }
    }
  }
}

/** Why a sandbox was ended whose command did not settle after its signal aborted. */
function overrun({ reason }: AbortSignal, ranMs: number): LogFields {
  const code = reason instanceof RpcError ? reason.code : "canceled";
  return { reason: code === "deadline_exceeded" ? "time" : code, ms: Math.round(ranMs) };
}
