/**
 * A script in a process of its own, and what it writes.
 *
 * @module
 */
import { fileURLToPath as fromFileUrl } from "node:url";
import { Arrivals } from "../arrivals.ts";
import { within } from "../within.ts";

/** How a process ended, and all that it wrote. */
export interface Ending {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running script; disposing of it kills what is left of it. */
export class Script implements AsyncDisposable {
  /** What it wrote to standard output, line by line. */
  readonly lines: Arrivals<string> = new Arrivals<string>();
  /** What it wrote to standard error, line by line. */
  readonly errors: Arrivals<string> = new Arrivals<string>();
  readonly #child: Deno.ChildProcess;
  readonly #stdout: Promise<string>;
  readonly #stderr: Promise<string>;

  /**
   * Starts a script.
   *
   * @param name Its file in the folder fixtures, or its URL.
   * @param args Its arguments.
   */
  constructor(name: string, ...args: string[]) {
    const path = new URL(name, new URL("./fixtures/", import.meta.url)).href;
    // Named, not found: a script may lie outside of this project.
    const config = `--config=${fromFileUrl(new URL("../../deno.json", import.meta.url))}`;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-lock", "--no-check", "-A", config, path, ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    this.#stdout = read(this.#child.stdout, this.lines);
    this.#stderr = read(this.#child.stderr, this.errors);
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits until it has ended. */
  async end(): Promise<Ending> {
    const { code, signal } = await within(this.#child.status, "the end of the script");
    return { code, signal, stdout: await this.#stdout, stderr: await this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already, as it should.
    }
    await Promise.all([this.#child.status, this.#stdout, this.#stderr]);
  }
}

/** Reads to the end, and tells of each line as it comes. */
async function read(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  lines: Arrivals<string>,
): Promise<string> {
  let [text, rest] = ["", ""];
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const parts = (rest + chunk).split("\n");
    rest = parts.pop()!;
    parts.forEach(lines.push);
  }
  return text;
}
