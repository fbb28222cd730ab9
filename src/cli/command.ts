// What a command of the program is.
import type { Arguments, Flags } from "./arguments.ts";
import type { Connection } from "./connection.ts";
import type { Output } from "./output.ts";

/** One run of a command. */
export interface Invocation {
  readonly args: Arguments;
  readonly connection: Connection;
  readonly output: Output;
  /** Aborts at Ctrl-C, and when nobody reads the output any more. */
  readonly signal: AbortSignal;
}

export interface Command {
  readonly name: string;
  /** What it does, in a line. */
  readonly summary: string;
  /** What stands beside the flags, as the help shows it: `NAME [INPUT]`. */
  readonly operands: string;
  /** Fewest and most of them. */
  readonly operandCount: readonly [number, number];
  readonly flags: Flags;
  /** Whether Ctrl-C is how it is meant to end. */
  readonly isEndless?: true | ((args: Arguments) => boolean);
  /** Does it; resolves with the exit code. */
  run(invocation: Invocation): Promise<number>;
}
