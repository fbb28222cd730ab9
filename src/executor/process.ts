/**
 * A child process that runs commands: the sandbox that holds.
 *
 * @module
 */
import type { Logger } from "../transport/logger.ts";
import { failedOutcome } from "../wire/failure.ts";
import { type RpcCode, RpcError } from "../wire/errors.ts";
import type { Outcome } from "../wire/reply.ts";
import type { ChildCommand } from "./child_process.ts";
import type { Job } from "./executor.ts";
import { childPrelude } from "./inside_child.ts";
import { NONCE_BYTES, type SupervisorSettings } from "./inside_process.ts";
import { workerSource } from "./inside_worker.ts";
import { frameOf, FrameReader } from "./frames.ts";
import { JobChannel } from "./job_channel.ts";
import type { SandboxBoot } from "./messages.ts";
import { OutputLines } from "./output_lines.ts";
import { loaded, type Sandbox } from "./sandbox.ts";

/** Room in a frame beside the result: its JSON, the context, a long message. */
const FRAME_MARGIN_BYTES = 262_144;

/** What {@linkcode ProcessSandbox.start} needs. */
export interface ProcessOptions {
  /** How the child is started. */
  readonly command: ChildCommand;
  /** What is loaded in it. */
  readonly boot: SandboxBoot;
  /** Most mebibytes that the commands may take. */
  readonly memoryMb: number;
  /** Where the output of commands goes. */
  readonly logger: Logger;
}

/** One child process, with a supervisor and one worker inside. */
export class ProcessSandbox implements Sandbox {
  readonly #options: ProcessOptions;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #channel: JobChannel;
  readonly #output: OutputLines;
  readonly #over: Promise<void>;
  readonly ended: Promise<void>;
  commands: readonly string[] = [];
  #lastLines: string[] = [];
  #verdict: { code: RpcCode; reason: string } | undefined;

  private constructor(options: ProcessOptions) {
    const { command, boot, memoryMb } = options;
    this.#options = options;
    this.#child = new Deno.Command(command.deno, {
      args: [...command.args],
      env: { ...command.env },
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#channel = new JobChannel((frame) => this.#write(frameOf(frame)));
    this.#output = new OutputLines((line) => this.#log(line));
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const settings: SupervisorSettings = {
      memoryBytes: memoryMb * 1024 * 1024,
      worker: childPrelude() + workerSource(boot),
    };
    this.#write(nonce);
    this.#write(frameOf(new TextEncoder().encode(JSON.stringify(settings))));
    const reader = new FrameReader(nonce, boot.resultBytes + FRAME_MARGIN_BYTES);
    this.#over = Promise.all([
      this.#child.status,
      this.#readFrames(reader),
      this.#readOutput(),
    ]).then(([status]) => this.#exited(status));
    this.ended = this.#over;
  }

  /**
   * Starts a child.
   *
   * @param options What it runs.
   * @returns The child, once it has loaded its commands.
   * @throws {RpcError} `failed_precondition` where the module can't be loaded or has no command.
   */
  static async start(options: ProcessOptions): Promise<ProcessSandbox> {
    const sandbox = new ProcessSandbox(options);
    try {
      sandbox.commands = await loaded(sandbox.#channel, options.boot.module);
    } catch (error) {
      await sandbox.close();
      throw error;
    }
    return sandbox;
  }

  /** Process id of the child. */
  get pid(): number {
    return this.#child.pid;
  }

  async run(job: Job, signal: AbortSignal): Promise<Outcome> {
    this.#lastLines = [];
    const outcome = await this.#channel.run(job, signal);
    this.#output.flush();
    return outcome;
  }

  settled(): Promise<boolean> {
    return this.#channel.settled();
  }

  async close(): Promise<void> {
    this.#end("canceled", "it was closed");
    await this.#over;
  }

  /** Ends the child, and says why before anything else can. */
  #end(code: RpcCode, reason: string): void {
    this.#verdict ??= { code, reason };
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // Deno's way to say that it has ended already.
      if (!(error instanceof TypeError)) throw error;
    }
    this.#break();
  }

  #break(): void {
    const { code, reason } = this.#verdict!;
    this.#channel.break((command) => {
      return failedOutcome(code, `Cannot finish "${command}": ${reason}.`);
    }, reason);
  }

  #exited({ code, signal }: Deno.CommandStatus): void {
    this.#output.flush();
    const { memoryMb } = this.#options;
    if (this.#lastLines.some((line) => line.includes("out of memory"))) {
      const reason = `it took more memory than the ${memoryMb} MiB of \`limits.memoryMb\``;
      this.#verdict ??= { code: "resource_exhausted", reason };
    }
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
    this.#verdict ??= { code: "unknown", reason: `its process ended ${how}` };
    this.#break();
  }

  #write(bytes: Uint8Array): void {
    this.#input.write(bytes).catch((error) =>
      this.#end("unknown", `its process is gone: ${error}`)
    );
  }

  async #readFrames(reader: FrameReader): Promise<void> {
    for await (const chunk of this.#child.stdout) {
      // Once the verdict is there, what else comes is drained, so that the pipe can close.
      if (this.#verdict !== undefined) continue;
      try {
        reader.read(chunk, (frame) => this.#receive(frame));
      } catch (error) {
        this.#options.logger.warn("a sandbox wrote to the pipe of its frames, it is ended", {
          ...this.#running(),
          error,
        });
        const code = error instanceof RpcError ? error.code : "unknown";
        this.#end(code, (error as Error).message);
      }
    }
  }

  #receive(frame: Uint8Array): void {
    const message = this.#channel.receive(frame);
    if (message?.type === "broken") {
      return this.#end("unknown", `its worker ended: ${message.reason}`);
    }
    if (message?.type !== "memory") return;
    const used = Math.round(message.used / 1024 / 1024);
    const { memoryMb } = this.#options;
    const reason = `it took ${used} MiB of memory, the limit is ${memoryMb}. Take less, or raise ` +
      "`limits.memoryMb`";
    this.#end("resource_exhausted", reason);
  }

  async #readOutput(): Promise<void> {
    for await (const chunk of this.#child.stderr) this.#output.write(chunk);
  }

  #log(line: string): void {
    if (this.#lastLines.push(line) > 20) this.#lastLines.shift();
    this.#options.logger.info("output of a command", { ...this.#running(), line });
  }

  #running(): { command?: string; id?: string } {
    const running = this.#channel.running;
    return running === undefined ? {} : { command: running.command, id: running.id };
  }
}
