/**
 * A script in a process of its own, and what it writes.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { fileURLToPath as fromFileUrl } from "node:url";
import { LineProcess } from "../../tools/line_process.ts";
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
  readonly #process: LineProcess;
  readonly #read: Promise<unknown>;

  /**
   * Starts a script.
   *
   * @param name Its file in the folder fixtures, or its URL.
   * @param args Its arguments.
   */
  constructor(name: string, ...args: string[]) {
    const path = new URL(name, new URL("./fixtures/", import.meta.url)).href;
    // Named, not found: a script may lie outside of this project, and have none of its own.
    const config = `--config=${configOf(path)}`;
    this.#process = new LineProcess({
      args: ["run", "--no-lock", "--no-check", "-A", config, path, ...args],
      env: { NO_COLOR: "1" },
      input: false,
      errors: true,
    });
    this.#read = Promise.all([
      read(this.#process.lines, this.lines),
      read(this.#process.errors!, this.errors),
    ]);
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  /** Waits until it has ended. */
  async end(): Promise<Ending> {
    const { code, signal } = await within(this.#process.status, "the end of the script");
    await this.#read;
    const [stdout, stderr] = [this.lines, this.errors].map(({ items }) =>
      items.map((line) => `${line}\n`).join("")
    ) as [string, string];
    return { code, signal, stdout, stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await Promise.all([this.#process.status, this.#read]);
  }
}

/** The configuration beside a script, else that of this project. */
function configOf(script: string): string {
  const own = fromFileUrl(new URL("deno.json", script));
  return existsSync(own) ? own : fromFileUrl(new URL("../../deno.json", import.meta.url));
}

/** Reads to the end, each line as it comes. */
async function read(from: AsyncIterable<string>, to: Arrivals<string>): Promise<void> {
  for await (const line of from) to.push(line);
}
