/**
 * Types of commands as a caller sees them.
 *
 * @module
 */

/** Any module or object of commands. */
export type AnyCommands = {
  // deno-lint-ignore no-explicit-any -- the constraint must accept every command, whatever its input
  readonly [name: string]: (input: any, ...rest: any[]) => unknown;
};

/**
 * What the functions of a module are, without its other exports.
 *
 * @typeParam Module Type of a commands module: `typeof import("./commands.ts")`.
 */
export type CommandsOf<Module> = {
  readonly [
    // deno-lint-ignore no-explicit-any -- matches a function of any input
    Name in keyof Module as Module[Name] extends (...args: any[]) => unknown ? Name
      : never
  ]: Module[Name];
};

/**
 * What a value is after it has crossed the wire as JSON: a Date is text, bytes
 * as the whole value stay bytes.
 *
 * @typeParam Value What the command returns.
 */
export type Received<Value> = 0 extends 1 & Value ? Value
  : Value extends ArrayBuffer ? Uint8Array
  : Value extends Uint8Array ? Uint8Array
  : ReceivedJson<Value>;

/** What a value inside JSON is on arrival. */
export type ReceivedJson<Value> = Value extends { toJSON(): infer Json } ? ReceivedJson<Json>
  : Value extends string | number | boolean | null | undefined | void ? Value
  : Value extends bigint | symbol ? never
  // deno-lint-ignore no-explicit-any -- matches a function of any input
  : Value extends (...args: any[]) => unknown ? never
  : Value extends readonly unknown[] ? { [Index in keyof Value]: ReceivedJson<Value[Index]> }
  : Value extends object ? { [Key in keyof Value]: ReceivedJson<Value[Key]> }
  : Value;

/** The input of a command. */
export type InputOf<Command> = Command extends (...args: infer Args) => unknown
  ? Args extends readonly [] ? undefined : Args[0]
  : never;

/** The result of a command, as it arrives. */
// deno-lint-ignore no-explicit-any -- matches a function of any input
export type ResultOf<Command> = Command extends (...args: any[]) => infer Result
  ? Received<Awaited<Result>>
  : never;

/** What follows the name in a call: the input, left out where a command takes none, and the options. */
export type CallArguments<Input, Options> = undefined extends Input
  ? [input?: Input, options?: Options]
  : [input: Input, options?: Options];
