/**
 * Programs of other makers that install and build peers.
 *
 * @module
 */
import { MissingError } from "./peer.ts";

/** How a command is run. */
export interface CommandOptions {
  /** Where it runs. Default: where this process does. */
  readonly cwd?: URL;
  /** Added to this process's environment. */
  readonly env?: Record<string, string>;
  /** Ends it. */
  readonly signal: AbortSignal;
}

const LAST_LINES = 8;

/**
 * Runs a command to its end.
 *
 * @param command Command and arguments.
 * @param options Where, and until when.
 * @returns What it printed.
 * @throws {MissingError} Where it is not installed, or fails; with its last lines.
 */
export async function runCommand(
  command: readonly [string, ...string[]],
  { cwd, env, signal }: CommandOptions,
): Promise<string> {
  signal.throwIfAborted();
  const [name, ...args] = command;
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(name, {
      args,
      ...cwd === undefined ? {} : { cwd },
      env: { ...env },
      stdin: "null",
      signal,
    }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new MissingError(`there is no command \`${name}\`. Install it, or add it to PATH.`);
  }
  signal.throwIfAborted();
  const [printed, errors] = [output.stdout, output.stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  const text = `${printed}${errors}`.trim();
  if (output.success) return text;
  const last = text.split("\n").slice(-LAST_LINES).join("\n");
  throw new MissingError(`\`${command.join(" ")}\` failed with code ${output.code}:\n${last}`);
}
