// Jobs of one sandbox, one at a time, over a channel of frames.
import type { Failure, Outcome } from "../wire/outcome.ts";
import { printable } from "../logging/printable.ts";
import { RpcError } from "../wire/errors.ts";
import { failedOutcome } from "../wire/failure.ts";
import { abortedOutcome, type Job, type JobContext } from "./executor.ts";
import { oversized } from "./frames.ts";
import {
  createMessageCodec,
  type FromSandbox,
  MAX_MESSAGE_BYTES,
  type MessageCodec,
  type ToSandbox,
} from "./inside/messages.ts";
import { readFromSandbox } from "./sandbox_messages.ts";

/** How long a command may take to settle after its signal aborted, in milliseconds. */
const ABORT_GRACE_MS = 100;

/** The outcome of a job that its sandbox declined: it needs another one. */
export const DECLINED: Outcome = failedOutcome("internal", "Cannot run: its sandbox declined.");

interface Running {
  readonly run: number;
  readonly job: Job;
  readonly answered: (outcome: Outcome) => void;
}

/** The outside end of a sandbox: sends jobs in, and believes only the reply of the one in flight. */
export class JobChannel {
  readonly #send: (frame: Uint8Array<ArrayBuffer>) => void;
  readonly #resultBytes: number;
  readonly #messages: MessageCodec = createMessageCodec();
  readonly #ready = Promise.withResolvers<readonly string[]>();
  /** Names of the commands inside; rejects where they can't be loaded. */
  readonly ready: Promise<readonly string[]> = this.#ready.promise;
  #runs = 0;
  #running: Running | undefined;
  #settled: Promise<boolean> = Promise.resolve(true);
  #booted = false;
  #broken = false;
  #spent = false;

  /** `send` puts a frame into the sandbox; `resultBytes`: most bytes of an encoded result. */
  constructor(
    send: (frame: Uint8Array<ArrayBuffer>) => void,
    limits: { readonly resultBytes: number },
  ) {
    this.#send = send;
    this.#resultBytes = limits.resultBytes;
    // The starter of the sandbox awaits it; a sandbox that breaks later rejects it unseen.
    this.ready.catch(() => this.#broken);
  }

  /** Whether another job may be sent in. */
  get usable(): boolean {
    return !this.#broken;
  }

  /** Whether another sandbox should take its place. */
  get spent(): boolean {
    return this.#spent;
  }

  /** Jobs that were sent in. */
  get runs(): number {
    return this.#runs;
  }

  /** The command in flight. */
  get running(): JobContext | undefined {
    return this.#running?.job.context;
  }

  /** Runs one job; resolves at the latest when the signal aborts. */
  async run(job: Job, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return abortedOutcome(signal.reason);
    if (this.#broken) {
      const { command } = job.context;
      const text = `Cannot run "${command}": its sandbox had just ended. Try again.`;
      return failedOutcome("unavailable", text);
    }
    const run = ++this.#runs;
    const { promise: outcome, resolve: answer } = Promise.withResolvers<Outcome>();
    const { promise: settled, resolve: settle } = Promise.withResolvers<boolean>();
    this.#settled = settled;
    let grace: ReturnType<typeof setTimeout> | undefined;
    this.#running = {
      run,
      job,
      answered: (answered) => {
        clearTimeout(grace);
        answer(answered);
        settle(!this.#broken);
      },
    };
    const abort = () => {
      const aborted = abortedOutcome(signal.reason);
      answer(aborted);
      this.#post({ type: "abort", run, reason: (aborted as { failure: Failure }).failure });
      // A command that heeds its signal keeps its sandbox; any other loses it.
      grace = setTimeout(() => settle(false), ABORT_GRACE_MS);
    };
    signal.addEventListener("abort", abort, { once: true });
    this.#post({ type: "run", run, job });
    try {
      return await outcome;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Resolves when the last job has come to its end: whether another may follow. */
  settled(): Promise<boolean> {
    return this.#settled;
  }

  /**
   * Takes a frame out of the sandbox; gives the message that the sandbox itself must see to. Throws
   * a TypeError where it is no frame that a sandbox may send now, `resource_exhausted` for a result
   * over the limit.
   */
  receive(frame: Uint8Array): Extract<FromSandbox, { type: "broken" }> | undefined {
    const message = readFromSandbox(this.#decode(frame), this.#running?.job.input.contentType);
    switch (message.type) {
      case "ready":
      case "failed":
        // A flood of them would keep the supervisor from its look at the memory.
        if (this.#booted) throw new TypeError("a sandbox said twice that it is ready");
        this.#booted = true;
        if (message.type === "ready") this.#ready.resolve(message.commands);
        else this.#ready.reject(bootError(message.failure));
        return undefined;
      case "spent":
        this.#spent = true;
        return undefined;
      case "declined":
      case "done": {
        const running = this.#running;
        // An aborted one is in flight until it is answered or the sandbox is replaced.
        if (message.run !== running?.run) {
          throw new TypeError("a sandbox answered no job in flight");
        }
        const outcome = message.type === "done" ? message.outcome : DECLINED;
        this.#checkSize(outcome);
        this.#running = undefined;
        running.answered(outcome);
        return undefined;
      }
      default:
        return message;
    }
  }

  /**
   * Ends the channel: the job in flight gets this outcome, none follows. `reason` is for a sandbox
   * that never became ready.
   */
  break(outcome: (command: string) => Outcome, reason: string): void {
    if (this.#broken) return;
    this.#broken = true;
    const running = this.#running;
    this.#running = undefined;
    running?.answered(outcome(running.job.context.command));
    this.#ready.reject(bootError({ code: "unknown", name: "Error", message: reason }));
  }

  /** A long JSON would keep the server from its other work: it is not even parsed. */
  #decode(frame: Uint8Array): unknown {
    const { byteLength } = frame;
    const view = new DataView(frame.buffer, frame.byteOffset, byteLength);
    if (byteLength >= 4 && view.getUint32(0) > MAX_MESSAGE_BYTES) {
      throw new TypeError("a sandbox sent a message that is too long");
    }
    return this.#messages.decode(frame);
  }

  /** What runs commands inside refuses such a result itself; a command may post one past it. */
  #checkSize(outcome: Outcome): void {
    const size = outcome.ok ? outcome.output.bytes.byteLength : 0;
    if (size > this.#resultBytes) throw oversized(size, this.#resultBytes);
  }

  #post(message: ToSandbox): void {
    if (!this.#broken) this.#send(this.#messages.encode(message));
  }
}

/** Its texts come from the module, and may be printed on the terminal that starts the server. */
function bootError(failure: Failure): RpcError {
  const text = failure.message.replace(/\n\s+at blob:\S+$/, "").replace(/\.$/, "");
  const [name, message] = [printable(failure.name), printable(text)];
  const cause = new Error(message);
  cause.name = name;
  if (failure.stack !== undefined) cause.stack = printable(failure.stack);
  return new RpcError(
    "failed_precondition",
    `Cannot load the commands: ${name}: ${message}${placeIn(message, cause.stack)}. Correct the ` +
      "module, and start the server again.",
    { cause },
  );
}

/** Where an error comes from: the first place in its stack that is in a file of the module. */
function placeIn(message: string, stack = ""): string {
  const pattern = /\b(?:file|https?|data):[^\s()]+:\d+:\d+/;
  const [place] = pattern.test(message) ? [] : pattern.exec(stack) ?? [];
  return place === undefined ? "" : `, at ${place}`;
}
