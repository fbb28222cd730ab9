// Types of commands as a caller sees them.

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
  : Value extends readonly unknown[]
  // A type of arrays may hold itself; what is written as an array is not looked into at once.
    ? number extends Value["length"] ? ReceivedJson<Value[number]>[]
    : { [Index in keyof Value]: ReceivedJson<Value[Index]> }
  : Value extends object ? { [Key in keyof Value]: ReceivedJson<Value[Key]> }
  : Value;

/**
 * What a caller can't give, because something else would arrive.
 *
 * @typeParam Reason Why, for the text of the compiler's error.
 */
export interface Unsendable<Reason extends string> {
  /** Nothing has it. */
  readonly "can't be sent": Reason;
}

/**
 * What a caller gives where a command takes this: the same, but for what changes on the wire.
 *
 * @typeParam Value What the command takes.
 */
export type Sendable<Value> = unknown extends Value ? Value
  : Value extends Uint8Array ? Value
  : SendableJson<Value>;

/** What a caller gives inside JSON. */
export type SendableJson<Value> = unknown extends Value ? Value
  : Value extends string | number | boolean | null | undefined | void ? Value
  : Value extends bigint ? Unsendable<"a bigint can't be sent: let the command take text">
  : Value extends symbol ? Unsendable<"a symbol can't be sent">
  : Value extends Date ? Unsendable<"a Date arrives as text: let the command take a string">
  : Value extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>
    ? Unsendable<"a Map or Set can't be sent: let the command take an array or an object">
  : Value extends ArrayBufferView | ArrayBuffer
    ? Unsendable<"bytes are sent as a Uint8Array that is the whole input">
  // deno-lint-ignore no-explicit-any -- matches a function of any input
  : Value extends (...args: any[]) => unknown
    ? Unsendable<"a function or method can't be sent: let the command take plain data">
  : Value extends unknown[] ? number extends Value["length"] ? SendableJson<Value[number]>[]
    : { [Index in keyof Value]: SendableJson<Value[Index]> }
  : Value extends readonly unknown[]
    ? number extends Value["length"] ? readonly SendableJson<Value[number]>[]
    : { [Index in keyof Value]: SendableJson<Value[Index]> }
  : Value extends object ? { [Key in keyof Value]: SendableJson<Value[Key]> }
  : Value;

/** The input of a command, as a caller gives it. */
export type InputOf<Command> = Command extends (...args: infer Args) => unknown
  ? Args extends readonly [] ? undefined : Sendable<Args[0]>
  : never;

/** Whether a command gives a stream; one that only throws, or gives `any`, does not. */
// deno-lint-ignore no-explicit-any -- matches a function of any input
export type GivesStream<Command> = Command extends (...args: any[]) => infer Result
  ? [Result] extends [never] ? false
  : 0 extends 1 & Result ? false
  : Awaited<Result> extends AsyncIterable<unknown> ? true
  : false
  : false;

/** The input of a command that is asked for one reply, as a caller gives it: no stream has one. */
export type UnaryInputOf<Command> = GivesStream<Command> extends true
  ? Unsendable<"this command is a stream: use client.stream()">
  : InputOf<Command>;

/** The result of a command, as it arrives. */
// deno-lint-ignore no-explicit-any -- matches a function of any input
export type ResultOf<Command> = Command extends (...args: any[]) => infer Result
  ? GivesStream<Command> extends true ? Unsendable<"this command is a stream: use client.stream()">
  : Received<Awaited<Result>>
  : never;

/** What a stream of a command gives, as it arrives: what its generator yields, or its one result. */
// deno-lint-ignore no-explicit-any -- matches a function of any input
export type ValueOf<Command> = Command extends (...args: any[]) => infer Result
  ? 0 extends 1 & Result ? Result
  : Awaited<Result> extends AsyncIterable<infer Value> ? Received<Value>
  : Received<Awaited<Result>>
  : never;

/** What the generator of a command returns at its end, as it arrives. */
// deno-lint-ignore no-explicit-any -- matches a function of any input
export type ReturnOf<Command> = Command extends (...args: any[]) => infer Result
  ? unknown extends Result ? unknown
  : Awaited<Result> extends AsyncIterable<unknown, infer Returned> ? Received<Returned>
  : undefined
  : never;

/** What a client of a module calls: its commands, and `eval` where a server allows it. */
export type CallableOf<Module> =
  & CommandsOf<Module>
  & (Module extends { readonly eval: unknown } ? unknown : {
    /** Evaluates a JavaScript expression or statements; the value of the last one, awaited. */
    readonly eval: (expression: string) => unknown;
  });

/** What follows the name in a call: the input, left out where a command takes none, and the options. */
export type CallArguments<Input, Options> = undefined extends Input
  ? [input?: Input, options?: Options]
  : [input: Input, options?: Options];
