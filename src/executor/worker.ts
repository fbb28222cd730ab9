/**
 * A Web Worker that runs commands.
 *
 * It shares the process and its permissions, and code that never yields can't
 * be stopped in it: for trusted commands only.
 *
 * @module
 */
import { bounded } from "../transport/bounded.ts";
import { createCodec, type Failure, type Payload } from "../wire/codec.ts";
import { RpcError } from "../wire/errors.ts";
import { failedOutcome } from "../wire/failure.ts";
import type { Outcome } from "../wire/reply.ts";
import { abortedOutcome, type Job } from "./executor.ts";
import { workerSource } from "./inside_worker.ts";
import type { FromSandbox, SandboxBoot, ToSandbox } from "./messages.ts";
import { ABORT_GRACE_MS, type Sandbox } from "./sandbox.ts";

/** Longest start of a worker, in milliseconds: the module's own top level runs in it. */
const BOOT_MS = 30_000;

interface Running {
  readonly run: number;
  readonly job: Job;
  readonly answered: (outcome: Outcome) => void;
}

/** One worker. */
export class WorkerSandbox implements Sandbox {
  readonly #worker: Worker;
  readonly #codec = createCodec();
  readonly #ready = Promise.withResolvers<readonly string[]>();
  readonly #ended = Promise.withResolvers<void>();
  readonly ended: Promise<void> = this.#ended.promise;
  commands: readonly string[] = [];
  #runs = 0;
  #running: Running | undefined;
  #settled: Promise<boolean> = Promise.resolve(true);
  #broken = false;

  private constructor(boot: SandboxBoot) {
    const blob = new Blob([workerSource(boot)], { type: "text/javascript" });
    const url = URL.createObjectURL(blob);
    this.#worker = new Worker(url, { type: "module", name: "kafka-rpc" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromSandbox>) => this.#receive(data);
    this.#worker.onmessageerror = () => this.#break("a message that cannot be read");
    this.#worker.onerror = (event) => {
      // Otherwise the error would end this process too.
      event.preventDefault();
      this.#break(event.message);
    };
    this.#ready.promise.then(
      () => URL.revokeObjectURL(url),
      () => URL.revokeObjectURL(url),
    );
  }

  /**
   * Starts a worker.
   *
   * @param boot What it must know.
   * @returns The worker, once it has loaded its commands.
   * @throws {RpcError} `failed_precondition` where the module can't be loaded or has no command.
   */
  static async start(boot: SandboxBoot): Promise<WorkerSandbox> {
    const sandbox = new WorkerSandbox(boot);
    const what = `load the commands of ${boot.module ?? "eval"}`;
    try {
      sandbox.commands = await bounded(sandbox.#ready.promise, {
        timeoutMs: BOOT_MS,
      }, () => {
        return new RpcError(
          "failed_precondition",
          `Cannot ${what}: not ready in ${BOOT_MS} ms.`,
        );
      });
      if (sandbox.commands.length === 0) {
        throw new RpcError(
          "failed_precondition",
          `Cannot ${what}: it exports no function. Every exported function is a command.`,
        );
      }
    } catch (error) {
      await sandbox.close();
      throw error;
    }
    return sandbox;
  }

  async run(job: Job, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return abortedOutcome(this.#codec, signal.reason);
    const run = ++this.#runs;
    const { promise: outcome, resolve: answer } = Promise.withResolvers<
      Outcome
    >();
    const { promise: settled, resolve: settle } = Promise.withResolvers<
      boolean
    >();
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
      const aborted = abortedOutcome(this.#codec, signal.reason);
      answer(aborted);
      const reason = (aborted as { failure: Failure }).failure;
      this.#post({ type: "abort", run, reason });
      // A command that heeds its signal keeps its worker; any other loses it.
      grace = setTimeout(() => settle(false), ABORT_GRACE_MS);
    };
    signal.addEventListener("abort", abort, { once: true });
    this.#post({ type: "run", run, job: { ...job, input: compact(job.input) } });
    try {
      return await outcome;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  settled(): Promise<boolean> {
    return this.#settled;
  }

  close(): Promise<void> {
    this.#break("closed");
    return Promise.resolve();
  }

  #post(message: ToSandbox): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromSandbox): void {
    if (message.type === "ready") return this.#ready.resolve(message.commands);
    if (message.type === "failed") {
      return this.#ready.reject(bootError(message.failure));
    }
    if (message.run !== this.#running?.run) return;
    const { answered } = this.#running;
    this.#running = undefined;
    answered(message.outcome);
  }

  #break(reason: string): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#worker.terminate();
    const running = this.#running;
    this.#running = undefined;
    running?.answered(failedOutcome(
      "internal",
      `Cannot finish "${running.job.context.command}": its worker ended: ${reason}.`,
    ));
    this.#ready.reject(
      bootError({ code: "unknown", name: "Error", message: reason }),
    );
    this.#ended.resolve();
  }
}

/** The bytes alone: a clone of a view would carry the whole fetch that it lies in. */
function compact({ bytes, contentType }: Payload): Payload {
  return { bytes: new Uint8Array(bytes), contentType };
}

function bootError({ name, message, stack }: Failure): RpcError {
  const cause = new Error(message);
  cause.name = name;
  if (stack !== undefined) cause.stack = stack;
  return new RpcError(
    "failed_precondition",
    `Cannot load the commands: ${name}: ${message}. Mend the module; it is not tried again.`,
    { cause },
  );
}
