/**
 * A Deno process of demo and bench that is spoken to line by line. The end of its standard input
 * tells it to end, so that it also ends when whoever started it is killed outright.
 *
 * @module
 */
import { TextLineStream } from "./lines.ts";

/** A process gets this long to end in order. */
const GRACE_MS = 5_000;

/** A process that answers lines with lines. */
export class LineProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  readonly #signal: AbortSignal;

  /**
   * Starts a process; what it writes to standard error goes to the terminal.
   *
   * @param args What follows `deno run` and the flags that the launcher has chosen.
   * @param signal Ends the waiting for answers.
   */
  constructor(args: readonly string[], signal: AbortSignal) {
    signal.throwIfAborted();
    this.#signal = signal;
    const flags = Deno.env.get("KAFKA_RPC_DENO_FLAGS")?.split(" ").filter(Boolean) ?? [];
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", ...flags, ...args],
      cwd: new URL("..", import.meta.url),
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#output = this.#child.stdout
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream())
      .getReader();
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** The next line that it writes. */
  async answer(): Promise<string> {
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(this.#signal.reason);
    this.#signal.addEventListener("abort", abort, { once: true });
    if (this.#signal.aborted) abort();
    try {
      const { done, value } = await Promise.race([this.#output.read(), aborted.promise]);
      if (done) throw new Error(`Process ${this.pid} has ended; its last words are above.`);
      return value;
    } finally {
      this.#signal.removeEventListener("abort", abort);
    }
  }

  /** Writes a line, and waits for the next one that it writes. */
  async ask(line: string): Promise<string> {
    await this.#input.write(new TextEncoder().encode(line + "\n"));
    return await this.answer();
  }

  /** Asks it to end, and sees to it that it does. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), GRACE_MS);
    // Where it has ended by itself, there is no input to close.
    await this.#input.close().catch(() => {});
    await this.#child.status;
    clearTimeout(timer);
  }
}
