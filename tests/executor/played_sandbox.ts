/**
 * A sandbox whose inside the test plays.
 *
 * @module
 */
import type { Job } from "../../src/executor/executor.ts";
import {
  createMessageCodec,
  type FromSandbox,
  type ToSandbox,
} from "../../src/executor/inside/messages.ts";
import { JobChannel } from "../../src/executor/job_channel.ts";
import {
  abortedBy,
  type Sandbox,
  type SandboxEnd,
  type SandboxLoad,
} from "../../src/executor/sandbox.ts";
import { codecsWith } from "../../src/wire/codecs/codecs.ts";
import { failedOutcome } from "../../src/wire/failure.ts";
import type { Outcome } from "../../src/wire/outcome.ts";
import { Pool } from "../../src/executor/pool.ts";
import { Arrivals } from "../arrivals.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { job, never, resultOf } from "./jobs.ts";

const messages = createMessageCodec();
const codec = codecsWith();

/** An outcome with this result. */
export const ok = (value: unknown): Outcome => ({ ok: true, output: codec.encode(value) });

/** The runs of those messages that are jobs. */
export function runsOf(sent: readonly ToSandbox[]): number[] {
  return sent.flatMap((message) => message.type === "run" ? [message.run] : []);
}

export class PlayedSandbox implements Sandbox {
  readonly offer = { commands: ["add"], policies: [] };
  /** What was sent in. */
  readonly sent = new Arrivals<ToSandbox>();
  /** Requests to take jobs back, by the number up to which. */
  readonly askedBack = new Arrivals<number>();
  /** Number of the last job that has begun, for what is asked back; undefined: it does not say. */
  begun: number | undefined = Infinity;
  readonly #over = Promise.withResolvers<void>();
  readonly ended: Promise<void> = this.#over.promise;
  end: SandboxEnd | undefined;
  spent = false;
  /** Whether it lives on after it was told to end, until {@linkcode goes}. */
  lingers = false;
  readonly #channel: JobChannel;

  /** `result`: of every job, at once; otherwise the test answers them. */
  constructor(
    { result, pure = false }: { readonly result?: unknown; readonly pure?: boolean } = {},
  ) {
    this.#channel = new JobChannel({
      send: (frame) => {
        const message = messages.decode(frame) as ToSandbox;
        this.sent.push(message);
        if (result !== undefined) queueMicrotask(() => this.finish(message.run, result));
      },
      takeBack: (upTo) => {
        this.askedBack.push(upTo);
        if (this.begun !== undefined) this.#channel.returned(this.begun, upTo);
      },
      resultBytes: 1_000,
      pure,
    });
  }

  get usable(): boolean {
    return this.#channel.usable;
  }

  get load(): SandboxLoad {
    return this.#channel;
  }

  run(job: Job, signal: AbortSignal): Promise<Outcome> {
    return this.#channel.run(job, signal);
  }

  watch(onChange: () => void): void {
    this.#channel.watch(onChange);
  }

  /** Its inside says something. */
  say(message: FromSandbox): void {
    this.#channel.receive(messages.encode(message));
  }

  /** The command of a run has this result. */
  finish(run: number, value: unknown = run): void {
    this.say({ type: "done", run, outcome: ok(value) });
  }

  /** It says which jobs have not begun. */
  giveBack(begun: number, upTo: number): void {
    this.#channel.returned(begun, upTo);
  }

  /** It ends by itself. */
  crash(begun?: number): void {
    this.end = { reason: "crash", signal: "SIGKILL" };
    this.#channel.break({
      outcome: (command) => failedOutcome("unknown", `Cannot finish "${command}": it crashed.`),
      neighbour: abortedBy("it crashed"),
      reason: "it crashed",
      begun,
    });
    this.#over.resolve();
  }

  async takeBack(): Promise<void> {
    await this.#channel.takeBack();
  }

  stop(culprit: string | undefined): Promise<void> {
    this.#channel.stop(culprit);
    if (!this.lingers) this.goes();
    return this.ended;
  }

  close(): Promise<void> {
    const outcome = () => failedOutcome("canceled", "it was closed");
    this.#channel.break({ outcome, reason: "it was closed" });
    if (!this.lingers) this.goes();
    return this.ended;
  }

  /** It is gone. */
  goes(): void {
    this.#over.resolve();
  }
}

/** How a {@linkcode playedPool} is made. */
export interface PlayedPoolOptions {
  readonly size?: number;
  readonly callsPerSandbox?: number;
  readonly runsPerSandbox?: number;
  readonly pure?: boolean;
}

/** A pool of played sandboxes, one at a time unless `size` says otherwise, and what comes to it. */
export async function playedPool({ pure = false, ...options }: PlayedPoolOptions = {}): Promise<{
  readonly pool: Pool;
  readonly run: (command?: string, signal?: AbortSignal) => Promise<unknown>;
  readonly sandboxes: Arrivals<PlayedSandbox>;
  readonly logger: RecordingLogger;
}> {
  const sandboxes = new Arrivals<PlayedSandbox>();
  const logger = new RecordingLogger();
  const pool = await Pool.start({
    start: () => {
      const sandbox = new PlayedSandbox({ pure });
      sandboxes.push(sandbox);
      return Promise.resolve(sandbox);
    },
    size: 1,
    runsPerSandbox: Infinity,
    logger,
    ...options,
  });
  const run = async (command = "add", signal = never) =>
    resultOf(await pool.run(job(command), signal));
  return { pool, run, sandboxes, logger };
}
