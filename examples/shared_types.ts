/**
 * What the example server offers. Both sides import it: commands.ts is checked against it, and
 * client.ts is typed by it without ever seeing the server's code. It holds types only, so nothing
 * of it is left at run time.
 *
 * @module
 */
import type { CommandContext } from "@kafka-rpc/deno";

/** Two numbers. */
export interface Pair {
  /** The first one. */
  readonly a: number;
  /** The second one. */
  readonly b: number;
}

/** The commands, by name. */
export interface Calculator {
  /** Adds two numbers. */
  add(input: Pair): number;
  /** Divides the first by the second; a RangeError where the second is 0. */
  divide(input: Pair): number;
  /** Waits, and says so. */
  wait(input: { readonly milliseconds: number }, context: CommandContext): Promise<string>;
  /** Counts down to 1, one number each tenth of a second: a stream. */
  countdown(input: { readonly from: number }, context: CommandContext): AsyncGenerator<number>;
}
