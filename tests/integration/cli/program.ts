/**
 * The command-line tool in a process of its own, as a user runs it.
 *
 * @module
 */
import { fileURLToPath as fromFileUrl } from "node:url";
import type { SteppedClock } from "../../faults/stepped_clock.ts";
import { within } from "../../within.ts";

const MAIN = fromFileUrl(new URL("../../../src/cli/main.ts", import.meta.url));
const CONFIG = fromFileUrl(new URL("../../../deno.json", import.meta.url));

/** How it ended, and what it wrote. */
export interface Ending {
  /** The exit code. */
  readonly code: number;
  /** Standard output. */
  readonly stdout: string;
  /** Standard error. */
  readonly stderr: string;
}

interface RunOptions {
  /** What it reads from standard input. Default: nothing. */
  readonly input?: string;
  /** Variables beside those of this process. */
  readonly env?: Record<string, string>;
  /** Its wall clock. Default: the machine's. */
  readonly clock?: SteppedClock;
}

/** Flags of `deno run` that it runs with. */
const FLAGS = ["--no-lock", "--no-check", "-A", `--config=${CONFIG}`];

/** Arguments of `deno` that run it. */
export const programArguments = (...args: string[]): string[] => ["run", ...FLAGS, MAIN, ...args];

/** Runs it to its end. */
export async function rpc(args: readonly string[], options: RunOptions = {}): Promise<Ending> {
  const clock = options.clock?.child;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...FLAGS, ...clock?.args ?? [], MAIN, ...args],
    env: { NO_COLOR: "1", ...clock?.env, ...options.env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(options.input ?? ""));
  await writer.close();
  const { code, stdout, stderr } = await within(child.output(), "the end of the program");
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** The values that it writes with --json. */
export function values({ stdout }: Ending): unknown[] {
  return stdout.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
}
