// A child process that runs commands: the sandbox that holds.
import { settleWithin } from "../async/deadline.ts";
import type { Logger } from "../logging/logger.ts";
import { printable } from "../logging/printable.ts";
import { failedOutcome } from "../wire/failure.ts";
import { type RpcCode, RpcError } from "../wire/errors.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { ChildCommand } from "./deno_command.ts";
import type { Job, JobContext } from "./executor.ts";
import { consolePrelude } from "./inside/console_prelude.ts";
import { NONCE_BYTES, type SupervisorSettings } from "./inside/supervisor.ts";
import { realmWorkerSource } from "./inside/realm_worker.ts";
import { workerSource } from "./inside/worker.ts";
import { frameOf, FrameReader, oversized } from "./frames.ts";
import { JobChannel } from "./job_channel.ts";
import {
  createMessageCodec,
  MAX_MESSAGE_BYTES,
  type SandboxBoot,
  SOURCE,
} from "./inside/messages.ts";
import { LineBudget, OutputLines } from "./output_lines.ts";
import { Pipe } from "./pipe.ts";
import { watchMemory } from "./process_memory.ts";
import { readFromSupervisor } from "./sandbox_messages.ts";
import { loaded, withPermissionOption } from "./loading.ts";
import type { Sandbox, SandboxEnd } from "./sandbox.ts";
import { spawnChild } from "./spawn.ts";

/** How long the last output of a child may take after its end, in milliseconds. */
const LAST_OUTPUT_MS = 100;

/**
 * Expressions after which a child with realms is replaced. Its resident memory grew from 55 to
 * 75 MiB in 1 000 of them and to 85 in 5 500; the number bounds what one that broke out could watch.
 */
const REALMS_OF_A_CHILD = 5_000;

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
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #channel: JobChannel;
  readonly #memoryBytes: number;
  readonly #output: OutputLines;
  readonly #over: Promise<void>;
  readonly ended: Promise<void>;
  commands: readonly string[] = [];
  end: SandboxEnd | undefined;
  #verdict: { code: RpcCode; reason: string } | undefined;
  /** The command that ran when it ended: its last lines come after that. */
  #interrupted: JobContext | undefined;
  #endWatch: () => void = () => {};

  private constructor(options: ProcessOptions) {
    const { command, boot, memoryMb, logger } = options;
    this.#options = options;
    this.#child = spawnChild(command);
    this.#input = this.#child.stdin.getWriter();
    this.#channel = new JobChannel((frame) => this.#write(frameOf(frame)), boot);
    this.#output = new OutputLines((line) => this.#log(line), options.lines ?? new LineBudget());
    // A length, the JSON of a message, the bytes of a result.
    const frameBytes = 4 + MAX_MESSAGE_BYTES + boot.resultBytes;
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    this.#memoryBytes = memoryMb * 1024 * 1024;
    const worker = boot.realms ? realmWorkerSource(boot, this.#memoryBytes) : workerSource(boot);
    const settings: SupervisorSettings = {
      memoryBytes: this.#memoryBytes,
      frameBytes,
      granted: command.args.flatMap((arg) => /^--allow-(\w+)$/.exec(arg)?.[1] ?? []),
      worker: consolePrelude() + worker,
    };
    this.#write(nonce);
    this.#write(frameOf(new TextEncoder().encode(JSON.stringify(settings))));
    const reader = new FrameReader(nonce, 1 + frameBytes);
    const pipes = [
      new Pipe(this.#child.stdout, (chunk) => this.#takeChunk(reader, chunk)),
      new Pipe(this.#child.stderr, (chunk) => this.#output.write(chunk)),
    ];
    this.#over = this.#child.status.then(async (status) => {
      this.#endWatch();
      // A program that a command started may hold the pipes open for as long as it likes.
      await Promise.all(pipes.map((pipe) => pipe.end(LAST_OUTPUT_MS)));
      // Deno does not close its own end of this pipe: each child would leave a descriptor behind.
      const abort = this.#input.abort().catch((error) =>
        logger.debug("a pipe was closed", { error })
      );
      await settleWithin(abort, LAST_OUTPUT_MS);
      this.#exited(status);
    });
    this.ended = this.#over;
  }

  /**
   * Resolves once the child has loaded its commands. Rejects with `failed_precondition` where the
   * module can't be loaded or has no command.
   */
  static async start(options: ProcessOptions): Promise<ProcessSandbox> {
    const sandbox = new ProcessSandbox(options);
    try {
      const { boot: { module }, signal, loadMs, logger } = options;
      sandbox.commands = await loaded(sandbox.#channel, { module, signal, loadMs, logger });
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

  async run(job: Job, signal: AbortSignal): Promise<Outcome> {
    const outcome = await this.#channel.run(job, signal);
    // Otherwise its end has the last lines.
    if (this.usable) this.#output.flush();
    return outcome;
  }

  get usable(): boolean {
    return this.#channel.usable;
  }

  get spent(): boolean {
    const { realms = false } = this.#options.boot;
    // Counted here: an expression that broke out of its realm cannot lie about it.
    return this.#channel.spent || realms && this.#channel.runs >= REALMS_OF_A_CHILD;
  }

  settled(): Promise<boolean> {
    return this.#channel.settled();
  }

  async close(): Promise<void> {
    this.#end("canceled", "it was closed");
    await this.#over;
  }

  /** Ends the child, and records the reason before anything else can. */
  #end(code: RpcCode, reason: string, end?: SandboxEnd): void {
    if (this.#verdict === undefined) this.end = end;
    this.#verdict ??= { code, reason };
    this.#kill();
    this.#break();
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // Deno's way to say that it has ended already.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  #break(): void {
    const { code, reason } = this.#verdict!;
    this.#interrupted ??= this.#channel.running;
    this.#channel.break((command) => {
      return failedOutcome(code, `Cannot finish "${command}": ${reason}.`);
    }, reason);
  }

  #exited(status: Deno.CommandStatus): void {
    const { tail } = this.#output;
    const report = this.#output.close();
    if (this.#verdict === undefined) this.#judge(status, tail);
    if (this.end !== undefined && report !== undefined) this.end = { ...this.end, error: report };
    this.#break();
  }

  /** Why a child ended by itself. */
  #judge({ code, signal }: Deno.CommandStatus, tail: string): void {
    const { memoryMb } = this.#options;
    if (isOutOfMemory({ code, signal }, tail)) {
      this.end = { reason: "memory", limitMb: memoryMb, ...(signal === null ? {} : { signal }) };
      const reason = `it took more memory than the ${memoryMb} MiB of \`limits.memoryMb\``;
      this.#verdict = { code: "resource_exhausted", reason };
      return;
    }
    this.end = signal === null ? { reason: "exit", exitCode: code } : { reason: "crash", signal };
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
    // Before it was ready, what it printed is why.
    const printed = this.commands.length === 0 && tail !== ""
      ? `\n${printable(tail.trimEnd())}`
      : "";
    this.#verdict = { code: "unknown", reason: `its process ended ${how}${printed}` };
  }

  #write(bytes: Uint8Array): void {
    // Its end tells why; a process that has closed its input without ending is ended here.
    this.#input.write(bytes).catch(() => this.#kill());
  }

  #takeChunk(reader: FrameReader, chunk: Uint8Array): void {
    // Once the verdict is there, what else comes is drained, so that the pipe can close.
    if (this.#verdict !== undefined) return;
    try {
      reader.read(chunk, (frame) => this.#receive(frame));
    } catch (thrown) {
      const { message: error } = thrown as Error;
      const tooLong = thrown instanceof RpcError;
      const end = { reason: tooLong ? "result" as const : "protocol" as const, error };
      this.#end(tooLong ? thrown.code : "unknown", error, end);
    }
  }

  #receive(frame: Uint8Array): void {
    const content = frame.subarray(1);
    const ours = frame[0] === SOURCE.supervisor;
    const message = ours
      ? readFromSupervisor(createMessageCodec().decode(content))
      : this.#channel.receive(content);
    switch (message?.type) {
      case "broken": {
        const { reason: error } = message;
        const end = { reason: ours ? "error" as const : "exit" as const, error };
        return this.#end("unknown", `its worker ended: ${error}`, end);
      }
      case "oversized":
        throw oversized(message.bytes, this.#options.boot.resultBytes);
      case "memory":
        return this.#tookTooMuch(message.used);
    }
  }

  #watchMemory(): void {
    this.#endWatch = watchMemory(this.pid, (bytes) => {
      if (bytes > this.#memoryBytes) this.#tookTooMuch(bytes);
    });
  }

  #tookTooMuch(bytes: number): void {
    const used = Math.round(bytes / 1024 / 1024);
    const { memoryMb } = this.#options;
    const reason = `it took ${used} MiB of memory, the limit is ${memoryMb}. Take less, or raise ` +
      "`limits.memoryMb`";
    this.#end("resource_exhausted", reason, { reason: "memory", usedMb: used, limitMb: memoryMb });
  }

  #log(line: string): void {
    this.#options.logger.info("output of a command", { ...this.#running(), line });
  }

  #running(): { command?: string; id?: string } {
    const running = this.#channel.running ?? this.#interrupted;
    return running === undefined ? {} : { command: running.command, id: running.id };
  }
}

/**
 * Whether V8 ended a process because its heap was full. Its report alone proves nothing, a command
 * can print one: it also ends the process by a trap.
 */
function isOutOfMemory(
  { code, signal }: { code: number; signal: Deno.Signal | null },
  tail: string,
): boolean {
  const trapped = Deno.build.os === "windows" ? code === 0x8000_0003 : signal === "SIGTRAP";
  return trapped && /^# Fatal (?:JavaScript|process) out of memory/m.test(tail);
}
