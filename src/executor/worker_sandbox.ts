// A Web Worker that runs commands.
//
// It shares the process and its permissions, and code that never yields can't
// be stopped in it: for trusted commands only.
import { RpcError } from "../wire/errors.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { Job } from "./executor.ts";
import { workerSource } from "./inside/worker.ts";
import { CLAIM_BYTES, type Claims, createClaims, MAX_RUN } from "./inside/claims.ts";
import { JobChannel } from "./job_channel.ts";
import type { Offer, SandboxBoot } from "./inside/messages.ts";
import {
  createThreadChannel,
  LAYOUT,
  SHARED_BYTES,
  type ThreadChannel,
  versionProblem,
} from "./inside/thread_channel.ts";
import { createTurns } from "./inside/turns.ts";
import { loaded, type LoadOptions } from "./loading.ts";
import { abortedBy, endedBy, type Sandbox, type SandboxEnd, type SandboxLoad } from "./sandbox.ts";

export class WorkerSandbox implements Sandbox {
  readonly #worker: Worker;
  readonly #channel: JobChannel;
  readonly #frames: ThreadChannel;
  readonly #claims: Claims;
  readonly #ended = Promise.withResolvers<void>();
  readonly ended: Promise<void> = this.#ended.promise;
  offer: Offer = { commands: [], policies: [] };
  end: SandboxEnd | undefined;

  private constructor(boot: SandboxBoot) {
    const blob = new Blob([workerSource(boot)], { type: "text/javascript" });
    const url = URL.createObjectURL(blob);
    this.#worker = new Worker(url, { type: "module", name: "kafka-rpc" });
    const claimed = new SharedArrayBuffer(CLAIM_BYTES);
    const memory = new SharedArrayBuffer(SHARED_BYTES);
    this.#claims = createClaims(claimed);
    this.#worker.postMessage([claimed, memory]);
    this.#frames = createThreadChannel({
      memory,
      side: "outside",
      post: (frame) => this.#worker.postMessage(frame, [frame.buffer]),
      onFrame: (frame) => this.#receive(frame),
      onBroken: () => this.#fail("protocol", "it wrote what is no frame"),
      later: createTurns(),
    }, LAYOUT);
    this.#channel = new JobChannel({
      send: (frame) => this.#frames.send(frame),
      takeBack: (upTo) => this.#channel.returned(this.#claims.takeBack(upTo), upTo),
      resultBytes: boot.resultBytes,
    });
    this.#worker.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data instanceof Uint8Array) this.#frames.receive(data);
      else this.#fail("protocol", "it sent no frame");
    };
    this.#worker.onmessageerror = () => this.#fail("protocol", "it sent what cannot be read");
    this.#worker.onerror = (event) => {
      // Otherwise the error would end this process too.
      event.preventDefault();
      this.#frames.drain(); // what it answered before
      this.#fail("error", event.message);
    };
    const revoke = () => URL.revokeObjectURL(url);
    this.#channel.ready.then(revoke, revoke);
  }

  /**
   * Resolves once the worker has loaded its commands. Rejects with `failed_precondition` where the
   * module can't be loaded or has no command, or this Deno is too old.
   */
  static async start(
    boot: SandboxBoot,
    signal: AbortSignal,
    loading: Pick<LoadOptions, "loadMs" | "logger"> = {},
  ): Promise<WorkerSandbox> {
    const problem = versionProblem(Deno.version.deno);
    if (problem !== undefined) {
      throw new RpcError(
        "failed_precondition",
        `Cannot start a worker: ${problem}. Update Deno.`,
      );
    }
    const sandbox = new WorkerSandbox(boot);
    try {
      const { module } = boot;
      sandbox.offer = await loaded(sandbox.#channel, { ...loading, module, signal });
    } catch (error) {
      await sandbox.close();
      throw error;
    }
    return sandbox;
  }

  run(job: Job, signal: AbortSignal): Promise<Outcome> {
    return this.#channel.run(job, signal);
  }

  get usable(): boolean {
    return this.#channel.usable;
  }

  get spent(): boolean {
    return this.#channel.spent;
  }

  get load(): SandboxLoad {
    return this.#channel;
  }

  watch(onChange: () => void): void {
    this.#channel.watch(onChange);
  }

  takeBack(): Promise<void> {
    return this.#channel.takeBack();
  }

  stop(culprit: string | undefined): Promise<void> {
    this.#terminate();
    this.#channel.stop(culprit);
    this.#ended.resolve();
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#terminate();
    const reason = "it was closed";
    this.#channel.break({ outcome: workerEnded(reason), reason });
    this.#ended.resolve();
    return Promise.resolve();
  }

  #terminate(): void {
    this.#worker.terminate();
    this.#frames.close();
  }

  #receive(frame: Uint8Array): void {
    try {
      const message = this.#channel.receive(frame);
      if (message?.type === "broken") this.#fail("exit", message.reason);
    } catch (error) {
      this.#fail("protocol", (error as Error).message);
    }
  }

  #fail(reason: SandboxEnd["reason"], error: string): void {
    this.end ??= { reason, error };
    this.#terminate();
    this.#channel.break({
      outcome: workerEnded(error),
      neighbour: abortedBy(`a command that shared its worker may have ended it: ${error}`),
      reason: error,
      begun: this.#claims.takeBack(MAX_RUN),
    });
    this.#ended.resolve();
  }
}

const workerEnded = (reason: string) => endedBy("unknown", `its worker ended: ${reason}`);
