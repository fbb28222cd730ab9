/**
 * A child process that is spoken to line by line. The end of its standard input tells it to end,
 * so that it also ends when the process that started it is killed outright.
 *
 * @module
 */
import { linesOf } from "./lines.ts";

/** A process gets this long to end in order. */
const GRACE_MS = 5_000;

/** How to start one. */
export interface LineProcessOptions {
  /** Its program. Default: this Deno. */
  readonly command?: string | undefined;
  /** Its arguments. */
  readonly args: readonly string[];
  /** Where it runs. Default: where this process does. */
  readonly cwd?: string | URL | undefined;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Whether lines can be written to it. Default: true. */
  readonly input?: boolean | undefined;
  /** Whether its standard error is read, instead of shown on the terminal. Default: false. */
  readonly errors?: boolean | undefined;
  /** Ends the waiting for answers. */
  readonly signal?: AbortSignal | undefined;
}

/** The flags for children that the launcher has chosen; undefined without a launcher. */
export function launcherFlags(): string[] | undefined {
  return Deno.env.get("KAFKA_RPC_DENO_FLAGS")?.split(" ").filter(Boolean);
}

/** A process that answers lines with lines. */
export class LineProcess implements AsyncDisposable {
  /** What it writes to standard output. */
  readonly lines: AsyncIterableIterator<string>;
  /** What it writes to standard error, where that is read. */
  readonly errors: AsyncIterableIterator<string> | undefined;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array> | undefined;
  readonly #signal: AbortSignal | undefined;

  /**
   * Starts a program of this project, in its folder.
   *
   * @param args Arguments of `deno run`: its permissions, its file, its own arguments.
   * @param options Ends the waiting for answers; variables of its environment.
   * @returns The process.
   */
  static ofProject(
    args: readonly string[],
    options: Pick<LineProcessOptions, "signal" | "env"> = {},
  ): LineProcess {
    return new LineProcess({
      ...options,
      args: ["run", "--quiet", ...launcherFlags() ?? [], ...args],
      cwd: new URL("..", import.meta.url),
    });
  }

  /** Starts it. */
  constructor(options: LineProcessOptions) {
    const { command = Deno.execPath(), args, cwd, env, input = true, errors = false } = options;
    options.signal?.throwIfAborted();
    this.#signal = options.signal;
    this.#child = new Deno.Command(command, {
      args: [...args],
      ...cwd === undefined ? {} : { cwd },
      env: { ...env },
      stdin: input ? "piped" : "null",
      stdout: "piped",
      stderr: errors ? "piped" : "inherit",
    }).spawn();
    this.#input = input ? this.#child.stdin.getWriter() : undefined;
    this.lines = linesOf(this.#child.stdout);
    this.errors = errors ? linesOf(this.#child.stderr) : undefined;
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Settles with its end; what it wrote before may still be unread. */
  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** Writes a line. */
  async write(line: string): Promise<void> {
    await this.#input?.write(new TextEncoder().encode(line + "\n"));
  }

  /** The next line that it writes. */
  async answer(): Promise<string> {
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(this.#signal?.reason);
    this.#signal?.addEventListener("abort", abort, { once: true });
    if (this.#signal?.aborted) abort();
    try {
      const { done, value } = await Promise.race([this.lines.next(), aborted.promise]);
      if (done) throw new Error(`Process ${this.pid} has ended; its last words are above.`);
      return value;
    } finally {
      this.#signal?.removeEventListener("abort", abort);
    }
  }

  /** Writes a line, and waits for the next one that it writes. */
  async ask(line: string): Promise<string> {
    await this.write(line);
    return await this.answer();
  }

  /** Sends a signal; does nothing where it has ended. */
  kill(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch (error) {
      // Deno's way to say that it has ended already.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** Ends its input, which asks it to end. */
  async endInput(): Promise<void> {
    // Where it has ended by itself, there is no input to close.
    await this.#input?.close().catch(() => {});
  }

  /** Asks it to end, and sees to it that it does. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.kill("SIGKILL"), GRACE_MS);
    await this.endInput();
    await this.status;
    clearTimeout(timer);
  }
}
