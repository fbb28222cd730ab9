// Runs Deno's own subcommands and gives what they print.
import { RpcError } from "../wire/errors.ts";
import type { LoadedPart } from "./inside/messages.ts";

export interface DenoOptions {
  /** The subcommand first. */
  readonly args: readonly string[];
  /** Default: this program's. */
  readonly cwd?: string | undefined;
  /** Variables beside those of this program. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** What it reads on its standard input. Default: nothing. */
  readonly input?: string | undefined;
  /** What is loaded by it. Default: `commands`. */
  readonly part?: LoadedPart | undefined;
  /** Ends it: code of other machines may take long to come. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a Deno to its end, and gives what it printed on its standard output. Rejects with
 * `failed_precondition` where it can't be run or fails, with what it printed.
 */
export async function denoOutput(deno: string, options: DenoOptions): Promise<string> {
  const { args, cwd, env = {}, input, part = "commands", signal } = options;
  signal?.throwIfAborted();
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(deno, {
      args: [...args],
      env: { ...env, NO_COLOR: "1" },
      stdin: input === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
      ...(cwd === undefined ? {} : { cwd }),
      ...(signal === undefined ? {} : { signal }),
    }).spawn();
  } catch (error) {
    throw new RpcError(
      "failed_precondition",
      `Cannot start a sandbox: ${deno} cannot be run: ${(error as Error).message}. ` +
        "Grant --allow-run for it, or set `denoPath`.",
      { cause: error },
    );
  }
  const output = child.output();
  if (input !== undefined) await write(child.stdin, input);
  const { success, stdout, stderr } = await output;
  signal?.throwIfAborted();
  const text = new TextDecoder();
  if (success) return text.decode(stdout);
  const reason = text.decode(stderr).replace(/\n+Stack backtrace:[^]*$/, "").trim();
  throw new RpcError(
    "failed_precondition",
    `Cannot load the ${part}: ${reason.replace(/^error: /, "")}`,
  );
}

async function write(stdin: WritableStream<Uint8Array>, input: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch (error) {
    // It ended before it had read everything; its exit code and its output say why.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
