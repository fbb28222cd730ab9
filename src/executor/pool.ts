// A pool of sandboxes: warm before they are needed, replaced when they are spent.
import type { Logger } from "../logging/logger.ts";
import { RpcError } from "../wire/errors.ts";
import type { Outcome } from "../wire/outcome.ts";
import { abortedOutcome, type Executor, type Job, type Turn } from "./executor.ts";
import { JobQueue, type PendingJob } from "./job_queue.ts";
import { Looks } from "./looks.ts";
import { Offering } from "./offering.ts";
import { Member } from "./pool_member.ts";
import { noSandbox, RETURNED, type Sandbox } from "./sandbox.ts";
import { SandboxEnds } from "./sandbox_ends.ts";
import { SandboxStarts } from "./sandbox_starts.ts";

export interface PoolOptions {
  /** Starts one sandbox; rejects where it can't start, and when the signal aborts. */
  readonly start: (signal: AbortSignal) => Promise<Sandbox>;
  /** Sandboxes that are kept, busy ones and warm spares together. At least 1. */
  readonly size: number;
  /** Runs after which a sandbox is replaced. 1 gives every run a fresh one. */
  readonly runsPerSandbox: number;
  /** Most calls that a sandbox has in flight. Default: 1. */
  readonly callsPerSandbox?: number | undefined;
  /** Where the end of a sandbox is logged. */
  readonly logger: Logger;
  /** Aborts the first start. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs commands in sandboxes: in those that wait for nothing, then in those that only wait. */
export class Pool extends Offering implements Executor {
  readonly #options: PoolOptions;
  readonly #callsPerSandbox: number;
  readonly #closing = new AbortController();
  readonly #ends: SandboxEnds;
  readonly #starts: SandboxStarts;
  /** Those that take calls. */
  readonly #members = new Set<Member>();
  readonly #idle = new Set<Member>();
  /** Those that end with the calls in them, the oldest first. */
  readonly #retired = new Set<Member>();
  /** Ends of those that take no calls any more. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #queue = new JobQueue(({ job, signal, answer }) => answer(this.#without(job, signal)));
  readonly #looks: Looks;

  private constructor(options: PoolOptions, first: readonly [Sandbox, ...Sandbox[]]) {
    super(first[0].offer);
    this.#options = options;
    this.#callsPerSandbox = options.callsPerSandbox ?? 1;
    this.#ends = new SandboxEnds(options.logger);
    this.#starts = new SandboxStarts({
      start: options.start,
      logger: options.logger,
      closing: this.#closing.signal,
      started: (sandbox) => this.#add(sandbox),
      failed: () => this.#isStarved && this.#queue.dismiss(),
    });
    this.#looks = new Looks({
      members: () => [...this.#members, ...this.#retired],
      isOpen: () => this.#queue.size === 0 && this.#idle.size > 0,
    });
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
    const others = (await Promise.allSettled(starts)).filter((one) => one.status === "fulfilled");
    return new Pool(options, [first, ...others.map(({ value }) => value)]);
  }

  run(job: Job, signal: AbortSignal, turn?: Turn): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#submit({ job, signal, turn, answer: resolve }, false);
    return promise;
  }

  async close(): Promise<void> {
    this.#closing.abort(
      new RpcError("unavailable", "Cannot run: the server is closed. Try again."),
    );
    this.#looks.stop();
    this.#queue.dismiss();
    await Promise.all([...this.#members, ...this.#retired].map(({ sandbox }) => sandbox.close()));
    await this.#starts.settled();
    await Promise.all(this.#leaving);
    this.#ends.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #submit(pending: PendingJob, isReturned: boolean): void {
    const { job, signal, answer } = pending;
    if (signal.aborted || this.#closing.signal.aborted || this.#isStarved) {
      return answer(this.#without(job, signal));
    }
    const member = isReturned || this.#queue.size === 0 ? this.#choose() : undefined;
    if (member !== undefined) return this.#begin(member, pending);
    pending.turn?.waits();
    if (signal.aborted) answer(this.#without(job, signal));
    else this.#queue.add(pending, isReturned);
  }

  #begin(member: Member, pending: PendingJob): void {
    const { job, signal, answer } = pending;
    const { sandbox } = member;
    this.#idle.delete(member);
    member.begins(job.context);
    void sandbox.run(job, signal).then((outcome) => {
      if (outcome === RETURNED) this.#submit(pending, true);
      // The log line about its end has everything.
      else answer(outcome.ok || sandbox.end === undefined ? outcome : { ...outcome, logged: true });
    });
    if (this.#callsPerSandbox > 1) this.#looks.later();
  }

  /** An idle sandbox; else the one with the fewest calls whose event loop answers. */
  #choose(): Member | undefined {
    const [idle] = this.#idle;
    if (idle !== undefined || this.#callsPerSandbox === 1) return idle;
    let best: Member | undefined;
    for (const member of this.#members) {
      if (member.room <= 0) continue;
      if (best === undefined || member.load.inFlight < best.load.inFlight) best = member;
    }
    return best;
  }

  #dispatch(): void {
    while (this.#queue.size > 0) {
      const member = this.#choose();
      if (member === undefined) return;
      const pending = this.#queue.shift()!;
      const { job, turn, signal } = pending;
      const context = turn ? { ...job.context, deadline: turn.begins() } : job.context;
      if (signal.aborted) pending.answer(this.#without(job, signal));
      else this.#begin(member, { ...pending, job: { ...job, context } });
    }
  }

  /** The outcome of a job that got no sandbox. */
  #without({ context }: Job, signal: AbortSignal): Outcome {
    const ended = [signal, this.#closing.signal].find(({ aborted }) => aborted);
    if (ended !== undefined) return abortedOutcome(ended.reason);
    return noSandbox(context.command);
  }

  #add(sandbox: Sandbox): void {
    const member = new Member(sandbox, {
      callsPerSandbox: this.#callsPerSandbox,
      runsPerSandbox: this.#options.runsPerSandbox,
    });
    this.#members.add(member);
    const spent = [...this.#members].find(({ sandbox }) => sandbox.spent);
    if (spent !== undefined) this.#retireSpent(spent);
    sandbox.watch(() => this.#changed(member));
    this.#changed(member);
  }

  /** What may follow from what a sandbox has said, or not said in time. */
  #changed(member: Member): void {
    if (member.hasAnswered()) this.#starts.recovered();
    const isMember = this.#members.has(member);
    if (!isMember && !this.#retired.has(member) || member.isStopping) return;
    const { sandbox, load } = member;
    if (!sandbox.usable) void this.#gone(member);
    else if (load.stuck) void this.#end(member, this.#ends.stuck(member.latest));
    else if (load.overdue.length > 0) void this.#stop(member);
    else if (load.inFlight === 0 && !isMember) void this.#close(member);
    else if (isMember) this.#replace(member);
    if (member.isIdle && this.#members.has(member)) this.#idle.add(member);
    this.#dispatch();
  }

  /** Replaces a sandbox that has run what it may: at once, or as soon as another has started. */
  #replace(member: Member): void {
    const { sandbox, load, isExhausted } = member;
    if (isExhausted) {
      const others = this.#callsPerSandbox > 1 && this.#mayRetire;
      if (load.inFlight === 0 || others) this.#retire(member);
    } else if (sandbox.spent) {
      this.#refill();
      this.#retireSpent(member);
    }
  }

  /** Retires a spent sandbox where another one has started in its place. */
  #retireSpent(member: Member): void {
    if (this.#members.size > this.#options.size && this.#mayRetire) this.#retire(member);
  }

  /** Whether another sandbox may live on beside those that take calls. */
  get #mayRetire(): boolean {
    return this.#retired.size < this.#options.size;
  }

  /** A sandbox gets no further calls, and ends with those that it has. */
  #retire(member: Member): void {
    this.#members.delete(member);
    this.#idle.delete(member);
    this.#retired.add(member);
    this.#refill();
    if (member.load.inFlight === 0) void this.#close(member);
  }

  /** A command did not settle in its grace. */
  async #stop(member: Member): Promise<void> {
    await this.#takeBack(member);
    const { sandbox, load } = member;
    const { overdue } = load;
    if (overdue.length === 0 || !sandbox.usable) return this.#changed(member);
    const others = load.inFlight - overdue.length;
    const answers = overdue.every(({ answered }) => answered);
    if (others === 0 || !answers) return this.#end(member, this.#ends.overdue(overdue, others));
    if (this.#retired.has(member)) return;
    this.#retire(member);
    this.#ends.retired(overdue, others);
    await this.#endOldest();
  }

  /** Takes back what has not begun in a sandbox: perhaps its overdue command is of that. */
  async #takeBack(member: Member): Promise<void> {
    const { sandbox, load } = member;
    if (load.inFlight <= 1 || load.unanswered === 0) return;
    member.isStopping = true;
    await sandbox.takeBack();
    member.isStopping = false;
  }

  /** While too many are retired, ends the oldest whose command did not stop. */
  async #endOldest(): Promise<void> {
    for (const member of [...this.#retired]) {
      if (this.#retired.size <= this.#options.size) return;
      if (member.isStopping || member.load.overdue.length === 0) continue;
      await this.#takeBack(member);
      const { sandbox, load: { overdue, inFlight } } = member;
      if (overdue.length === 0 || !sandbox.usable) this.#changed(member);
      else await this.#end(member, this.#ends.overdue(overdue, inFlight - overdue.length));
    }
  }

  async #end(member: Member, report: () => void): Promise<void> {
    const [first] = member.load.overdue;
    if (!this.#drop(member)) return;
    await member.sandbox.stop(first?.context.command);
    if (!this.#closing.signal.aborted) report();
  }

  /** A sandbox has ended by itself. */
  async #gone(member: Member): Promise<void> {
    const { sandbox, load } = member;
    const isIdle = load.interrupted.length === 0 && load.inFlight === 0;
    if (this.#closing.signal.aborted && isIdle) return;
    if (isIdle) this.#starts.suspect();
    if (!this.#drop(member)) return;
    await sandbox.close();
    if (this.#closing.signal.aborted && sandbox.end === undefined) return;
    this.#ends.ended(sandbox, member.latest);
  }

  async #close(member: Member): Promise<void> {
    if (this.#drop(member)) await member.sandbox.close();
  }

  #drop(member: Member): boolean {
    if (!this.#members.delete(member) && !this.#retired.delete(member)) return false;
    this.#idle.delete(member);
    const gone: Promise<void> = member.sandbox.ended.then(() => void this.#leaving.delete(gone));
    this.#leaving.add(gone);
    this.#refill();
    // Those that could not be replaced because too many were retired.
    for (const one of [...this.#members]) this.#replace(one);
    return true;
  }

  /** Whether there is no sandbox, and starting one has just failed. */
  get #isStarved(): boolean {
    return this.#starts.lastFailed && this.#members.size === 0;
  }

  #refill(): void {
    // Those in use until others have started in their place; with what is retired no more than that.
    const spent = [...this.#members].filter(({ sandbox }) => sandbox.spent).length;
    const { size } = this.#options;
    const wanted = size + Math.max(0, Math.min(spent, size - this.#retired.size));
    while (!this.#closing.signal.aborted && this.#members.size + this.#starts.count < wanted) {
      // A sandbox that ended while it was still counted as starting was not replaced then.
      this.#starts.begin(() => this.#refill());
    }
  }
}
