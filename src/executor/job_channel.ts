// The jobs of one sandbox, over a channel of frames.
import { clock, type Timer } from "../async/clock.ts";
import type { Failure, Outcome, Payload } from "../wire/outcome.ts";
import { bootError } from "./boot_error.ts";
import type { ChannelEnd, ChannelOptions } from "./channel_options.ts";
import { ChannelStream } from "./channel_stream.ts";
import { abortedOutcome, type Job, type JobContext } from "./executor.ts";
import { messageBytes, oversized } from "./frames.ts";
import { Grace } from "./grace.ts";
import { MAX_RUN } from "./inside/claims.ts";
import {
  createMessageCodec,
  type FromSandbox,
  MAX_MESSAGE_BYTES,
  type MessageCodec,
  type Offer,
  type ToSandbox,
} from "./inside/messages.ts";
import { abortedBy, DECLINED, type Overdue, RETURNED, type SandboxLoad } from "./sandbox.ts";
import { readFromSandbox } from "./sandbox_messages.ts";

/** How long a sandbox without calls may say nothing: on a busy machine, a child may stand still. */
const STUCK_MS = 1_000;

/** It is looked at with each answer. */
const NONE: readonly Overdue[] = [];

interface Running {
  readonly job: Job;
  readonly stream: ChannelStream | undefined;
  readonly settle: (outcome: Outcome) => void;
}

/** The outside end of a sandbox: sends jobs in, and believes only replies to those in flight. */
export class JobChannel implements SandboxLoad {
  readonly #options: ChannelOptions;
  readonly #messages: MessageCodec = createMessageCodec();
  readonly #ready = Promise.withResolvers<Offer>();
  /** The commands inside; rejects where they can't be loaded. */
  readonly ready: Promise<Offer> = this.#ready.promise;
  readonly #inFlight = new Map<number, Running>();
  /** Jobs and pings of which the event loop has said nothing yet. */
  readonly #unanswered = new Set<number>();
  readonly #overdue = new Map<number, Overdue>();
  #onChange: () => void = () => {};
  #asked: PromiseWithResolvers<void> | undefined;
  #askedUpTo = 0;
  #stuckTimer: Timer | undefined;
  #booted = false;
  #spent = false;
  /** Messages that have a number: jobs and pings. */
  runs = 0;
  answers = 0;
  stuck = false;
  /** Whether another job may be sent in. */
  usable = true;
  interrupted: readonly JobContext[] = [];

  constructor(options: ChannelOptions) {
    this.#options = options;
    // The starter of the sandbox awaits it; a sandbox that breaks later rejects it unseen.
    this.ready.catch(() => undefined);
  }

  /** Whether another sandbox should take its place. */
  get spent(): boolean {
    return this.#spent || this.runs >= MAX_RUN / 2;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  get unanswered(): number {
    return this.#unanswered.size;
  }

  get overdue(): readonly Overdue[] {
    return this.#overdue.size === 0 ? NONE : [...this.#overdue.values()];
  }

  get running(): readonly JobContext[] {
    return [...this.#inFlight.values()].map(({ job }) => job.context);
  }

  watch(onChange: () => void): void {
    this.#onChange = onChange;
  }

  /** Runs one job; resolves at the latest when the signal aborts. */
  run(job: Job, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return Promise.resolve(abortedOutcome(signal.reason));
    if (!this.usable) return Promise.resolve(RETURNED);
    const run = ++this.runs;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const began = clock.now();
    let grace: Grace | undefined;
    const abort = () => {
      const aborted = abortedOutcome(signal.reason);
      resolve(aborted);
      this.#post({ type: "abort", run, reason: (aborted as { failure: Failure }).failure });
      const ping = this.#ping();
      const unanswered = this.#unanswered;
      // A command that heeds its signal keeps its sandbox; any other loses it.
      grace = new Grace();
      grace.begin(() => {
        this.#overdue.set(run, {
          context: job.context,
          reason: signal.reason,
          ms: clock.now() - began,
          get answered() {
            return !unanswered.has(ping);
          },
        });
        this.#onChange();
      });
    };
    signal.addEventListener("abort", abort, { once: true });
    const settle = (outcome: Outcome) => {
      grace?.end();
      signal.removeEventListener("abort", abort);
      resolve(outcome);
    };
    const stream = job.stream && new ChannelStream(job.stream);
    this.#inFlight.set(run, { job, stream, settle });
    this.#unanswered.add(run);
    this.#sendJob(run, job, stream);
    return promise;
  }

  #sendJob(run: number, job: Job, stream: ChannelStream | undefined): void {
    if (stream === undefined) return this.#post({ type: "run", run, job });
    const { stream: _, ...rest } = job;
    this.#post({ type: "run", run, job: rest, credit: stream.first });
    stream.watch((credit) => {
      if (this.#inFlight.has(run)) this.#post({ type: "credit", run, credit });
    });
  }

  /** Takes back the jobs that have not begun: they are {@linkcode RETURNED}. */
  async takeBack(): Promise<void> {
    // A request that is open covers nothing that was sent after it.
    while (this.usable && this.#asked && this.#askedUpTo < this.runs) await this.#asked.promise;
    if (!this.usable) return;
    if (this.#asked === undefined) {
      this.#asked = Promise.withResolvers();
      this.#options.takeBack(this.#askedUpTo = this.runs);
    }
    await this.#asked?.promise; // A worker has answered by now.
  }

  /**
   * The jobs up to `upTo` of which `begun` was the last that had begun are taken back. Throws a
   * TypeError where nobody asked for it: a command can put another pipe in the place of its input.
   */
  returned(begun: number, upTo: number): void {
    if (!this.usable) return;
    if (this.#asked === undefined || upTo !== this.#askedUpTo) {
      throw new TypeError("a sandbox gave back jobs that nobody asked for");
    }
    for (const run of [...this.#inFlight.keys()]) {
      if (run > begun && run <= upTo) this.#settle(run, RETURNED);
    }
    this.#asked.resolve();
    this.#asked = undefined;
    // Otherwise it would have nothing to answer to.
    if (this.#unanswered.size === 0) this.#ping();
    if (this.#inFlight.size === 0) this.#checkAlive();
    this.#onChange();
  }

  /**
   * Takes a frame out of the sandbox; gives the message that the sandbox itself must see to. Throws
   * a TypeError where it is no frame that a sandbox may send now, `resource_exhausted` for a result
   * over the limit.
   */
  receive(frame: Uint8Array): Extract<FromSandbox, { type: "broken" }> | undefined {
    const decoded = this.#decode(frame);
    const asked = this.#inFlight.get((decoded as { run?: number } | null)?.run ?? 0);
    const message = readFromSandbox(decoded, asked?.job.input.contentType);
    switch (message.type) {
      case "ready":
      case "failed":
        // A flood of them would keep the supervisor from its look at the memory.
        if (this.#booted) throw new TypeError("a sandbox said twice that it is ready");
        this.#booted = true;
        if (message.type === "ready") this.#ready.resolve(message);
        else this.#ready.reject(bootError(message.failure, message.part));
        return undefined;
      case "spent":
        // Of commands it would have the server start one child after another.
        if (!this.#options.pure) throw new TypeError("a sandbox of commands said that it is spent");
        this.#spent = true;
        return undefined;
      case "waiting":
        this.#waits(message.runs);
        return undefined;
      case "value":
        if (asked?.stream === undefined) throw new TypeError("a sandbox sent a value of no stream");
        this.#checkSize(message.output);
        asked.stream.take(message.output, messageBytes(frame));
        this.answers++;
        return undefined;
      case "declined":
      case "done": {
        // An aborted one is in flight until it is answered or the sandbox is replaced.
        if (asked === undefined) throw new TypeError("a sandbox answered no job in flight");
        const outcome = message.type === "done" ? message.outcome : DECLINED;
        if (outcome.ok) this.#checkSize(outcome.output);
        this.#settle(message.run, outcome);
        this.answers++;
        if (this.#inFlight.size === 0 && this.#unanswered.size > 0) this.#checkAlive();
        this.#onChange();
        return undefined;
      }
      default:
        return message;
    }
  }

  /** Ends the channel: what is in flight gets its outcome, nothing follows. */
  break({ outcome, neighbour, reason, begun = Infinity }: ChannelEnd): void {
    if (!this.usable) return;
    this.usable = false;
    this.#stuckTimer?.cancel();
    const all = [...this.#inFlight];
    const interrupted = all.filter(([run]) => run <= begun);
    // Where one begins when the one before it has ended, the first of them is the one that ran.
    const ran = this.#options.pure && neighbour ? interrupted.slice(0, 1) : interrupted;
    this.interrupted = ran.map(([, { job }]) => job.context);
    const answer = neighbour === undefined || ran.length === 1 ? outcome : neighbour;
    const outcomes = new Map(ran.map(([run, { job }]) => [run, answer(job.context.command)]));
    for (const [run] of all) this.#settle(run, outcomes.get(run) ?? RETURNED);
    this.#unanswered.clear();
    this.#asked?.resolve();
    this.#ready.reject(bootError({ code: "unknown", name: "Error", message: reason }));
    this.#onChange();
  }

  /** Ends the channel because a command in it does not stop: that one has its outcome already. */
  stop(culprit: string | undefined): void {
    const which = culprit === undefined ? "" : ` ("${culprit}")`;
    const why = `another command${which} in its sandbox did not stop, so the sandbox was ended`;
    const aborted = this.#options.pure ? () => RETURNED : abortedBy(why);
    this.break({ outcome: aborted, reason: why });
  }

  #settle(run: number, outcome: Outcome): void {
    const running = this.#inFlight.get(run)!;
    this.#inFlight.delete(run);
    this.#unanswered.delete(run);
    this.#overdue.delete(run);
    running.settle(outcome);
  }

  #waits(runs: readonly number[]): void {
    for (const run of runs) {
      if (!this.#unanswered.delete(run)) {
        throw new TypeError("a sandbox said of no job in flight, or twice of one, that it waits");
      }
    }
    this.answers += runs.length;
    if (this.#unanswered.size === 0) this.#stuckTimer?.cancel();
    this.#onChange();
  }

  /** Asks the event loop for a sign of life. */
  #ping(): number {
    const run = ++this.runs;
    this.#unanswered.add(run);
    this.#post({ type: "ping", run });
    return run;
  }

  /** With nothing in flight, nobody has a deadline after which it must answer. */
  #checkAlive(): void {
    this.#stuckTimer?.cancel();
    this.#stuckTimer = clock.timer(STUCK_MS, () => {
      this.stuck = this.#inFlight.size === 0 && this.#unanswered.size > 0;
      this.#onChange();
    });
  }

  /** A long JSON would keep the server from its other work: it is not even parsed. */
  #decode(frame: Uint8Array): unknown {
    if (messageBytes(frame) > MAX_MESSAGE_BYTES) {
      throw new TypeError("a sandbox sent a message that is too long");
    }
    return this.#messages.decode(frame);
  }

  /** What runs commands inside refuses such a result itself; a command may post one past it. */
  #checkSize({ bytes: { byteLength: size } }: Payload): void {
    if (size > this.#options.resultBytes) throw oversized(size, this.#options.resultBytes);
  }

  #post(message: ToSandbox): void {
    if (this.usable) this.#options.send(this.#messages.encode(message));
  }
}
