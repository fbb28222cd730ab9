// A Web Worker that runs commands.
//
// It shares the process and its permissions, and code that never yields can't
// be stopped in it: for trusted commands only.
import type { Outcome } from "../wire/outcome.ts";
import type { Job } from "./executor.ts";
import { workerSource } from "./inside/worker.ts";
import { CLAIM_BYTES, type Claims, createClaims, MAX_RUN } from "./inside/claims.ts";
import { JobChannel } from "./job_channel.ts";
import { MAX_COPIED_BYTES, type Offer, type SandboxBoot } from "./inside/messages.ts";
import { loaded, type LoadOptions } from "./loading.ts";
import { abortedBy, endedBy, type Sandbox, type SandboxEnd, type SandboxLoad } from "./sandbox.ts";

export class WorkerSandbox implements Sandbox {
  readonly #worker: Worker;
  readonly #channel: JobChannel;
  readonly #claims: Claims;
  readonly #ended = Promise.withResolvers<void>();
  readonly ended: Promise<void> = this.#ended.promise;
  offer: Offer = { commands: [], policies: [] };
  end: SandboxEnd | undefined;

  private constructor(boot: SandboxBoot) {
    const blob = new Blob([workerSource(boot)], { type: "text/javascript" });
    const url = URL.createObjectURL(blob);
    this.#worker = new Worker(url, { type: "module", name: "kafka-rpc" });
    const memory = new SharedArrayBuffer(CLAIM_BYTES);
    this.#claims = createClaims(memory);
    this.#worker.postMessage(memory);
    this.#channel = new JobChannel({
      send: (frame) => {
        if (frame.byteLength <= MAX_COPIED_BYTES) this.#worker.postMessage(frame);
        else this.#worker.postMessage(frame, [frame.buffer]);
      },
      takeBack: (upTo) => this.#channel.returned(this.#claims.takeBack(upTo), upTo),
      resultBytes: boot.resultBytes,
    });
    this.#worker.onmessage = ({ data }: MessageEvent<unknown>) => this.#receive(data);
    this.#worker.onmessageerror = () => this.#fail("protocol", "it sent what cannot be read");
    this.#worker.onerror = (event) => {
      // Otherwise the error would end this process too.
      event.preventDefault();
      this.#fail("error", event.message);
    };
    const revoke = () => URL.revokeObjectURL(url);
    this.#channel.ready.then(revoke, revoke);
  }

  /**
   * Resolves once the worker has loaded its commands. Rejects with `failed_precondition` where the
   * module can't be loaded or has no command.
   */
  static async start(
    boot: SandboxBoot,
    signal: AbortSignal,
    loading: Pick<LoadOptions, "loadMs" | "logger"> = {},
  ): Promise<WorkerSandbox> {
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
    this.#worker.terminate();
    this.#channel.stop(culprit);
    this.#ended.resolve();
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#worker.terminate();
    const reason = "it was closed";
    this.#channel.break({ outcome: workerEnded(reason), reason });
    this.#ended.resolve();
    return Promise.resolve();
  }

  #receive(data: unknown): void {
    try {
      if (!(data instanceof Uint8Array)) throw new TypeError("it sent no frame");
      const message = this.#channel.receive(data);
      if (message?.type === "broken") this.#fail("exit", message.reason);
    } catch (error) {
      this.#fail("protocol", (error as Error).message);
    }
  }

  #fail(reason: SandboxEnd["reason"], error: string): void {
    this.end ??= { reason, error };
    this.#worker.terminate();
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
