// A child process that runs commands: the sandbox that holds.
import { settleWithin } from "../async/deadline.ts";
import type { Logger } from "../logging/logger.ts";
import { RpcError } from "../wire/errors.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { ChildCommand } from "./deno_command.ts";
import { ChildInput } from "./child_input.ts";
import { commonOf } from "./attribution.ts";
import type { Job } from "./executor.ts";
import { exitVerdict, type Verdict } from "./exit_verdict.ts";
import { consolePrelude } from "./inside/console_prelude.ts";
import { NONCE_BYTES, type SupervisorSettings } from "./inside/supervisor.ts";
import { realmWorkerSource } from "./inside/realm_worker.ts";
import { workerSource } from "./inside/worker.ts";
import { bytesOf, FrameReader, oversized } from "./frames.ts";
import { JobChannel } from "./job_channel.ts";
import {
  createMessageCodec,
  type LastWords,
  MAX_MESSAGE_BYTES,
  type Offer,
  type SandboxBoot,
  THREAD,
} from "./inside/messages.ts";
import { LineBudget, OutputLines } from "./output_lines.ts";
import { Pipe } from "./pipe.ts";
import { watchMemory } from "./process_memory.ts";
import { readFromSupervisor } from "./sandbox_messages.ts";
import { loaded, withPermissionOption } from "./loading.ts";
import { abortedBy, endedBy, type Sandbox, type SandboxEnd, type SandboxLoad } from "./sandbox.ts";
import { spawnChild } from "./spawn.ts";

/** How long the last output of a child may take after its end, in milliseconds. */
const LAST_OUTPUT_MS = 100;

/**
 * Expressions after which a child with realms is replaced. Its resident memory grew from 53 to
 * 100 MiB in 1 000 of them and to 103 in 5 500; the number bounds what one that broke out could watch.
 */
const REALMS_OF_A_CHILD = 5_000;

/**
 * How long a child may take to say what has not begun in it, in milliseconds. On a busy machine it may
 * stand still, and what it cannot give back is aborted.
 */
const TAKE_BACK_MS = 1_000;

const CLOSED: Verdict = { code: "canceled", reason: "it was closed", end: undefined };

export interface ProcessOptions {
  readonly command: ChildCommand;
  readonly boot: SandboxBoot;
  /** Most mebibytes that the commands may take. */
  readonly memoryMb: number;
  /** Where the output of commands goes. */
  readonly logger: Logger;
  /** How many lines of it; shared with other children. Default: one of its own. */
  readonly lines?: LineBudget | undefined;
  /** Longest start in milliseconds. Default: 30 000. */
  readonly loadMs?: number | undefined;
  /** Aborts the start. */
  readonly signal: AbortSignal;
}

/** One child process, with a supervisor and one worker inside. */
export class ProcessSandbox implements Sandbox {
  readonly #options: ProcessOptions;
  readonly #child: Deno.ChildProcess;
  readonly #input: ChildInput;
  readonly #channel: JobChannel;
  readonly #memoryBytes: number;
  readonly #output: OutputLines;
  readonly ended: Promise<void>;
  offer: Offer = { commands: [], policies: [] };
  end: SandboxEnd | undefined;
  #verdict: Verdict | undefined;
  #endWatch: () => void = () => {};

  private constructor(options: ProcessOptions) {
    const { command, boot, memoryMb, logger } = options;
    this.#options = options;
    this.#child = spawnChild(command);
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    // Its end tells why; a process that has closed its input without ending is ended here.
    this.#input = new ChildInput(this.#child.stdin, nonce, () => this.#kill());
    this.#channel = new JobChannel({
      send: (bytes) => this.#input.write({ reader: THREAD.worker, bytes }),
      takeBack: (upTo) => this.#input.write({ reader: THREAD.supervisor, bytes: bytesOf(upTo) }),
      resultBytes: boot.resultBytes,
      pure: boot.realms,
    });
    const log = (line: string, isEarlier: boolean) => this.#log(line, isEarlier);
    this.#output = new OutputLines(log, options.lines ?? new LineBudget());
    // A length, the JSON of a message, the bytes of a result.
    const frameBytes = 4 + MAX_MESSAGE_BYTES + boot.resultBytes;
    this.#memoryBytes = memoryMb * 1024 * 1024;
    const worker = boot.realms ? realmWorkerSource(boot, this.#memoryBytes) : workerSource(boot);
    const settings: SupervisorSettings = {
      memoryBytes: this.#memoryBytes,
      frameBytes,
      granted: command.args.flatMap((arg) => /^--allow-(\w+)$/.exec(arg)?.[1] ?? []),
      worker: consolePrelude() + worker,
    };
    this.#input.write({ bytes: new TextEncoder().encode(JSON.stringify(settings)) });
    const reader = new FrameReader(nonce, 1 + frameBytes);
    const pipes = [
      new Pipe(this.#child.stdout, (chunk) => this.#takeChunk(reader, chunk)),
      new Pipe(this.#child.stderr, (chunk) => this.#output.write(chunk)),
    ];
    this.ended = this.#child.status.then(async (status) => {
      this.#endWatch();
      // A program that a command started may hold the pipes open for as long as it likes.
      await Promise.all(pipes.map((pipe) => pipe.end(LAST_OUTPUT_MS)));
      // Deno does not close its own end of this pipe: each child would leave a descriptor behind.
      await this.#input.abort(
        LAST_OUTPUT_MS,
        (error) => logger.debug("a pipe was closed", { error }),
      );
      this.#exited(status);
    });
  }

  /**
   * Resolves once the child has loaded its commands. Rejects with `failed_precondition` where the
   * module can't be loaded or has no command.
   */
  static async start(options: ProcessOptions): Promise<ProcessSandbox> {
    const sandbox = new ProcessSandbox(options);
    try {
      const { boot: { module }, signal, loadMs, logger } = options;
      sandbox.offer = await loaded(sandbox.#channel, { module, signal, loadMs, logger });
    } catch (error) {
      await sandbox.close();
      throw withPermissionOption(error);
    }
    sandbox.#watchMemory();
    return sandbox;
  }

  get pid(): number {
    return this.#child.pid;
  }

  run(job: Job, signal: AbortSignal): Promise<Outcome> {
    return this.#channel.run(job, signal);
  }

  get load(): SandboxLoad {
    return this.#channel;
  }

  watch(onChange: () => void): void {
    this.#channel.watch(() => {
      // Otherwise its end has the last lines, or a line may go on.
      if (this.usable && this.#channel.inFlight === 0) this.#output.flush();
      onChange();
    });
  }

  get usable(): boolean {
    return this.#channel.usable;
  }

  get spent(): boolean {
    const { realms = false } = this.#options.boot;
    // Counted here: an expression that broke out of its realm cannot lie about it.
    return this.#channel.spent || realms && this.#channel.runs >= REALMS_OF_A_CHILD;
  }

  async takeBack(): Promise<void> {
    await settleWithin(this.#channel.takeBack(), TAKE_BACK_MS);
  }

  async stop(culprit: string | undefined): Promise<void> {
    this.#verdict ??= CLOSED;
    this.#kill();
    this.#channel.stop(culprit);
    await this.ended;
  }

  async close(): Promise<void> {
    this.#verdict ??= CLOSED;
    this.#kill();
    const { code, reason } = this.#verdict;
    this.#channel.break({ outcome: endedBy(code, reason), reason });
    await this.ended;
  }

  /** Ends the child, and records the reason before anything else can. */
  #end(verdict: Verdict, begun?: number): void {
    if (this.#verdict === undefined) this.end = verdict.end;
    this.#verdict ??= verdict;
    this.#kill();
    this.#break(begun);
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // Deno's way to say that it has ended already.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  #break(begun?: number): void {
    const { code, reason } = this.#verdict!;
    this.#channel.break({
      outcome: endedBy(code, reason),
      neighbour: abortedBy(`a command that shared its sandbox may have ended it: ${reason}`),
      reason,
      begun,
    });
  }

  #exited(status: Deno.CommandStatus): void {
    const { tail } = this.#output;
    const report = this.#output.close();
    if (this.#verdict === undefined) {
      const { memoryMb } = this.#options;
      const isReady = this.offer.commands.length > 0;
      this.#verdict = exitVerdict(status, { tail, isReady, memoryMb });
      this.end = this.#verdict.end;
    }
    if (this.end !== undefined && report !== undefined) this.end = { ...this.end, error: report };
    this.#break();
  }

  #takeChunk(reader: FrameReader, chunk: Uint8Array): void {
    // Once the verdict is there, what else comes is drained, so that the pipe can close.
    if (this.#verdict !== undefined) return;
    try {
      reader.read(chunk, (frame) => this.#receive(frame));
    } catch (thrown) {
      const { message: error } = thrown as Error;
      const tooLong = thrown instanceof RpcError;
      const end: SandboxEnd = { reason: tooLong ? "result" : "protocol", error };
      this.#end({ code: tooLong ? thrown.code : "unknown", reason: error, end });
    }
  }

  #receive(frame: Uint8Array): void {
    const content = frame.subarray(1);
    if (frame[0] !== THREAD.supervisor) {
      const broken = this.#channel.receive(content);
      if (broken !== undefined) this.#broke("exit", broken.reason);
      return;
    }
    const message = readFromSupervisor(createMessageCodec().decode(content));
    if (message.type === "returned") this.#channel.returned(message.begun, message.upTo);
    else this.#hear(message);
  }

  /** The last words of the supervisor. */
  #hear(message: LastWords & { readonly begun: number }): void {
    const { begun } = message;
    switch (message.type) {
      case "broken":
        return this.#broke("error", message.reason, begun);
      case "oversized": {
        const { code, message: reason } = oversized(
          message.bytes,
          this.#options.boot.resultBytes,
        );
        return this.#end({ code, reason, end: { reason: "result", error: reason } }, begun);
      }
      case "memory":
        return this.#tookTooMuch(message.used, begun);
    }
  }

  #broke(reason: "exit" | "error", error: string, begun?: number): void {
    const end: SandboxEnd = { reason, error };
    this.#end({ code: "unknown", reason: `its worker ended: ${error}`, end }, begun);
  }

  #watchMemory(): void {
    this.#endWatch = watchMemory(this.pid, (bytes) => {
      if (bytes > this.#memoryBytes) this.#tookTooMuch(bytes);
    });
  }

  #tookTooMuch(bytes: number, begun?: number): void {
    const used = Math.round(bytes / 1024 / 1024);
    const { memoryMb } = this.#options;
    const reason = `it took ${used} MiB of memory, the limit is ${memoryMb}. Take less, or raise ` +
      "`limits.memoryMb`";
    const end: SandboxEnd = { reason: "memory", usedMb: used, limitMb: memoryMb };
    this.#end({ code: "resource_exhausted", reason, end }, begun);
  }

  #log(line: string, isEarlier: boolean): void {
    const { running, interrupted } = this.#channel;
    // The last lines of what ran when it ended come after that.
    const about = isEarlier ? {} : commonOf(running.length > 0 ? running : interrupted);
    this.#options.logger.info("output of a command", { ...about, line });
  }
}
