/**
 * Calls at a steady rate, and what became of each of them.
 *
 * @module
 */
import { RpcError } from "@kafka-rpc/deno";
import { answerTo, type Work } from "./work.ts";

/** Whoever makes the calls: a client. */
export interface Caller {
  call(command: string, input?: unknown, options?: { timeoutMs: number }): Promise<unknown>;
}

/** How a {@linkcode Load} calls. */
export interface LoadOptions {
  /** Calls begun in a second. */
  readonly perSecond: number;
  /** Deadline of each call. */
  readonly timeoutMs: number;
  /** Milliseconds that each command takes. Default: 0. */
  readonly holdMs?: number | undefined;
  /** Bytes besides that each call carries. Default: 0. */
  readonly padding?: number | undefined;
  /** Most calls that wait; no more are begun meanwhile. Default: 3000. */
  readonly maxOpen?: number | undefined;
}

/** What became of one call. All times are `performance.now()`. */
export interface Outcome {
  readonly call: string;
  /** `ok`, `wrong`, an error's code, or what was thrown that is no RpcError. */
  readonly status: string;
  /** How far a failed call got. */
  readonly stage: string | undefined;
  /** Text of the error. */
  readonly message: string | undefined;
  readonly begunAt: number;
  readonly deadline: number;
  readonly settledAt: number;
}

const TICK_MS = 10;
/** How much later than its deadline a call may settle. */
export const GRACE_MS = 250;

/** Makes calls until it is stopped. */
export class Load {
  /** Settled calls, in the order in which they settled. */
  readonly outcomes: Outcome[] = [];
  readonly #caller: Caller;
  readonly #options: LoadOptions;
  readonly #open = new Map<string, { deadline: number }>();
  readonly #waiting = new Set<() => void>();
  readonly #run = crypto.randomUUID().slice(0, 8);
  #timer: ReturnType<typeof setInterval> | undefined;
  #lastTick = 0;
  #begun = 0;
  #owed = 0;
  /** Longest time that this process' own event loop was late. */
  lagMs = 0;

  /** Prepares a load. */
  constructor(caller: Caller, options: LoadOptions) {
    this.#caller = caller;
    this.#options = options;
  }

  /** How many calls were begun. */
  get begun(): number {
    return this.#begun;
  }

  /** How many calls have not settled. */
  get open(): number {
    return this.#open.size;
  }

  /** Begins to call. */
  start(): void {
    this.#lastTick = performance.now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Begins no more calls. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Waits until every call has settled, or is overdue by the grace time and a second. */
  async settled(): Promise<void> {
    const last = Math.max(0, ...[...this.#open.values()].map(({ deadline }) => deadline));
    await this.until(() => this.#open.size === 0, last - performance.now() + GRACE_MS + 1_000);
  }

  /** Waits until so many calls that settled after this time were right. */
  succeeded(count: number, after: number, withinMs: number): Promise<boolean> {
    return this.until(() => this.#successes(after) >= count, withinMs);
  }

  /** The time of the first right answer after a time. */
  firstSuccess(after: number): number | undefined {
    return this.outcomes.find(({ status, settledAt }) => status === "ok" && settledAt >= after)
      ?.settledAt;
  }

  /** Waits for something that a settled call or a tick can bring about; false where it did not. */
  async until(met: () => boolean, withinMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.max(0, withinMs));
    const look = () => met() && resolve();
    this.#waiting.add(look);
    look();
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(look);
    return met();
  }

  #successes(after: number): number {
    let count = 0;
    for (let index = this.outcomes.length - 1; index >= 0; index--) {
      const { status, settledAt } = this.outcomes[index]!;
      if (settledAt < after) break;
      if (status === "ok") count++;
    }
    return count;
  }

  #tick(): void {
    const now = performance.now();
    const passed = now - this.#lastTick;
    this.lagMs = Math.max(this.lagMs, passed - TICK_MS);
    this.#lastTick = now;
    this.#owed = Math.min(this.#owed + passed * this.#options.perSecond / 1_000, 50);
    const { maxOpen = 3_000 } = this.#options;
    for (; this.#owed >= 1 && this.#open.size < maxOpen; this.#owed--) void this.#call();
    this.#look();
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }

  async #call(): Promise<void> {
    const call = `${this.#run}-${this.#begun++}`;
    const { timeoutMs, holdMs = 0, padding = 0 } = this.#options;
    const text = `${call}-${crypto.randomUUID()}`.padEnd(padding, "x");
    const begunAt = performance.now();
    const deadline = begunAt + timeoutMs;
    const input: Work = { call, text, holdMs, deadline: Date.now() + timeoutMs };
    this.#open.set(call, { deadline });
    let settled: Pick<Outcome, "status" | "stage" | "message">;
    try {
      const result = await this.#caller.call("work", input, { timeoutMs }) as Partial<Work> & {
        answer?: string;
      };
      const right = result?.call === call && result.answer === answerTo(text);
      settled = { status: right ? "ok" : "wrong", stage: undefined, message: undefined };
    } catch (error) {
      const known = error instanceof RpcError;
      const status = known ? error.code : `untyped ${(error as Error)?.name}`;
      const message = (error as Error)?.message;
      settled = { status, stage: known ? error.stage : undefined, message };
    }
    this.#open.delete(call);
    this.outcomes.push({ call, ...settled, begunAt, deadline, settledAt: performance.now() });
    this.#look();
  }
}
