/**
 * Runs commands under a keeper (keeper.ts), so that they and their folder are gone when this
 * process closes them, and also when this process is killed outright.
 *
 * @module
 */
import { linesOf } from "./lines.ts";

/** A command and its arguments. */
export type Command = [command: string, ...args: string[]];

/** What a keeper is asked to do. `{folder}` in files and arguments becomes its folder. */
export interface KeeperPlan {
  /** Where to make the folder; the system's place for temporary files if absent. */
  folderIn?: string;
  /** How the folder's name begins. */
  folderPrefix: string;
  /** Text files to write into the folder first, by name. */
  files: Record<string, string>;
  /** Commands with their arguments, one after another; the last one may run for ever. */
  steps: Command[];
  /** A command that ends the running step in its own way, tried before SIGTERM. */
  stop?: Command;
  /** Time between SIGTERM and SIGKILL. */
  graceMs: number;
  /** Report what the commands print, line by line. */
  forwardLines: boolean;
}

/** What a keeper reports, one JSON text per line. */
export type KeeperEvent =
  | { event: "folder"; folder: string }
  | { event: "started"; step: number; pid: number }
  | { event: "line"; line: string }
  | { event: "exited"; step: number; code: number }
  | { event: "failed"; message: string };

/** How a plan ended: the exit code of the step that ended it, or why it could not run. */
export interface KeptExit {
  /** Index of the step that ended the plan. */
  step: number;
  /** Its exit code; -1 where it could not even be started. */
  code: number;
  /** Why it could not be started. */
  reason?: string;
}

/** Options of {@linkcode KeptProcess.start}. */
export interface KeepOptions {
  /** Called for each line the commands print, if the plan forwards them. */
  onLine?: (line: string) => void;
  /** Ends the start when aborted; a plan that runs is ended by `close` only. */
  signal?: AbortSignal | undefined;
}

/** A plan that runs under its keeper. */
export class KeptProcess implements AsyncDisposable {
  #keeper: Deno.ChildProcess;
  #lifeLine: WritableStreamDefaultWriter<Uint8Array>;
  #folder = "";
  #pid = 0;
  #step = 0;
  #running = 0;
  #lastStep: number;
  #underWay = Promise.withResolvers<void>();
  #exit = Promise.withResolvers<KeptExit>();
  #followed: Promise<void>;
  #closed: Promise<void> | undefined;

  private constructor(plan: KeeperPlan, onLine: KeepOptions["onLine"]) {
    this.#keeper = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-config",
        "--no-lock",
        "-A",
        new URL("./keeper.ts", import.meta.url).href,
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
      // Out of the terminal's group: Ctrl-C must not take the broker away from programs that
      // are still saying goodbye to it. Windows would open a console window for it instead.
      detached: Deno.build.os !== "windows",
    }).spawn();
    this.#lifeLine = this.#keeper.stdin.getWriter();
    this.#lastStep = plan.steps.length - 1;
    this.#followed = this.#follow(onLine);
  }

  /** Starts a plan; resolves when its last step runs or an earlier one has ended the plan. */
  static async start(
    plan: KeeperPlan,
    options: KeepOptions = {},
  ): Promise<KeptProcess> {
    options.signal?.throwIfAborted();
    const kept = new KeptProcess(plan, options.onLine);
    await kept.#send(plan);
    await kept.#until(kept.#underWay.promise, options.signal);
    return kept;
  }

  /** Settles when the plan has ended, by itself or by being closed. Never rejects. */
  get exited(): Promise<KeptExit> {
    return this.#exit.promise;
  }

  /** Waits until the plan has ended by itself; closes it if the signal is aborted first. */
  finished(signal?: AbortSignal): Promise<KeptExit> {
    return this.#until(this.exited, signal);
  }

  /** The folder the keeper made; it is removed on close. */
  get folder(): string {
    return this.#folder;
  }

  /** Process id of the last step, 0 while it has not started. */
  get pid(): number {
    return this.#pid;
  }

  /** Process id of the keeper. */
  get keeperPid(): number {
    return this.#keeper.pid;
  }

  /** The last lines that the commands printed; none once the folder is gone. */
  async logTail(lines = 25): Promise<string> {
    try {
      const text = await Deno.readTextFile(`${this.#folder}/output.log`);
      return text.trimEnd().split("\n").slice(-lines).join("\n");
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }

  /** Runs the last step once more after its end; `exited` and `pid` are then those of the new run. */
  async again(): Promise<void> {
    await this.#exit.promise;
    this.#exit = Promise.withResolvers();
    this.#underWay = Promise.withResolvers();
    await this.#send({ again: true });
    await this.#underWay.promise;
  }

  /** Has the keeper end this other process too, should this one be killed before it. */
  async watchOver(child: Deno.ChildProcess): Promise<void> {
    await this.#send({ watch: child.pid });
  }

  /** Ends the running command and removes the folder; bounded by the plan's grace time. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Same as {@linkcode KeptProcess.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    if (await this.#send({ closing: true })) await this.#lifeLine.close();
    const { success } = await this.#keeper.status;
    await this.#followed;
    if (!success) await this.#cleanUp();
  }

  /** What a keeper does, for one that was killed before it could. */
  async #cleanUp(): Promise<void> {
    if (this.#running) Deno.kill(this.#running, "SIGKILL");
    if (this.#folder) await Deno.remove(this.#folder, { recursive: true });
  }

  async #until<T>(settled: Promise<T>, signal?: AbortSignal): Promise<T> {
    const onAbort = () => void this.close();
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) onAbort();
    try {
      const result = await settled;
      if (signal?.aborted) await this.close();
      signal?.throwIfAborted();
      return result;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** False if the keeper is gone: someone else ended it, and `exited` tells. */
  async #send(message: unknown): Promise<boolean> {
    try {
      await this.#lifeLine.write(new TextEncoder().encode(JSON.stringify(message) + "\n"));
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) return false;
      throw error;
    }
  }

  async #follow(onLine?: (line: string) => void): Promise<void> {
    for await (const line of linesOf(this.#keeper.stdout)) this.#take(JSON.parse(line), onLine);
    // Only the first of the calls to #end counts: this one is for a keeper that said nothing.
    this.#end({
      step: this.#step,
      code: -1,
      reason: "its keeper process was ended",
    });
  }

  #take(message: KeeperEvent, onLine?: (line: string) => void): void {
    switch (message.event) {
      case "folder":
        this.#folder = message.folder;
        break;
      case "line":
        onLine?.(message.line);
        break;
      case "started":
        this.#step = message.step;
        this.#running = message.pid;
        if (message.step === this.#lastStep) {
          this.#pid = message.pid;
          this.#underWay.resolve();
        }
        break;
      case "exited":
        this.#running = 0;
        this.#end({ step: message.step, code: message.code });
        break;
      case "failed":
        this.#end({ step: this.#step, code: -1, reason: message.message });
    }
  }

  #end(exit: KeptExit): void {
    this.#exit.resolve(exit);
    this.#underWay.resolve();
  }
}
