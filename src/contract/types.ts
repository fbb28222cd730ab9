// Types of commands that carry a contract, as those see them who write and who call them.
import type { CommandContext } from "./command_context.ts";
import type { CommandContract, CONTRACT, Contract, ErrorSchemas } from "./contract.ts";
import type { AnySchema, SchemaInput, SchemaOutput } from "./standard_schema.ts";

/** A function that a contract describes: it gets what the input's schema gives. */
export type Handler<
  Input extends AnySchema,
  Output extends AnySchema,
  Stream extends boolean = boolean,
> = (
  // deno-lint-ignore no-explicit-any -- without a schema the function's own types count
  input: [Input] extends [never] ? any : SchemaOutput<Input>,
  context: CommandContext,
) => Stream extends true ? AsyncGenerator<[Output] extends [never] ? unknown : SchemaInput<Output>>
  : [Output] extends [never] ? unknown
  : SchemaInput<Output> | Promise<SchemaInput<Output>>;

/** What callers give to a command. */
export type GivenTo<Input extends AnySchema, Function> = [Input] extends [never]
  // deno-lint-ignore no-explicit-any -- matches a function of any input
  ? Function extends (...args: infer Args extends any[]) => unknown
    ? Args extends readonly [] ? undefined : Args[0]
  : unknown
  : SchemaInput<Input>;

/** What callers get from a command, before it has crossed the wire. */
export type GivenBy<Output extends AnySchema, Function> = [Output] extends [never]
  // deno-lint-ignore no-explicit-any -- matches a function of any input
  ? Function extends (...args: any[]) => infer Result ? YieldOf<Awaited<Result>> : unknown
  : SchemaOutput<Output>;

/** What a stream yields, or a result itself. */
export type YieldOf<Result> = 0 extends 1 & Result ? Result
  : Result extends AsyncGenerator<infer Value> ? Value
  : Result;

/** A command that carries its contract: of an `async function*`, a stream. */
export type Described<
  Input extends AnySchema,
  Output extends AnySchema,
  Function,
  Errors extends ErrorSchemas,
> = IsStream<Function> extends true
  ? DescribedStream<GivenTo<Input, Function>, GivenBy<Output, Function>, Errors>
  : DescribedCommand<GivenTo<Input, Function>, GivenBy<Output, Function>, Errors>;

/** Whether a function is an `async function*`; one that only throws, or gives `any`, is not. */
// deno-lint-ignore no-explicit-any -- matches a function of any input
export type IsStream<Function> = Function extends (...args: any[]) => infer Result
  ? [Result] extends [never] ? false
  : 0 extends 1 & Result ? false
  : Result extends AsyncGenerator ? true
  : false
  : false;

/** A function that carries its contract: it validates what it is given and what it gives. */
export interface DescribedCommand<Input, Result, Errors extends ErrorSchemas = ErrorSchemas> {
  /** Runs it. Without a server in front of it, what is missing in the context has a default. */
  (
    ...args: undefined extends Input ? [input?: Input, context?: Partial<CommandContext>]
      : [input: Input, context?: Partial<CommandContext>]
  ): Promise<Result>;
  /** Its contract. */
  readonly [CONTRACT]: CommandContract<AnySchema, AnySchema, Errors>;
}

/** A generator that carries its contract: it validates what it is given and what it yields. */
export interface DescribedStream<Input, Value, Errors extends ErrorSchemas = ErrorSchemas> {
  /** Runs it. Without a server in front of it, what is missing in the context has a default. */
  (
    ...args: undefined extends Input ? [input?: Input, context?: Partial<CommandContext>]
      : [input: Input, context?: Partial<CommandContext>]
  ): AsyncGenerator<Value>;
  /** Its contract. */
  readonly [CONTRACT]: CommandContract<AnySchema, AnySchema, Errors>;
}

/** The schema of a part of a contract; never where there is none. */
export type Part<One, Name extends "input" | "output"> = One extends
  { readonly [Key in Name]: infer Schema extends AnySchema } ? Schema : never;

/** The schemas of the errors of a contract; an empty object where it has none. */
export type ErrorsOf<One> = One extends { readonly errors?: infer Errors }
  ? [Extract<Errors, ErrorSchemas>] extends [never] ? Record<never, never>
  : Extract<Errors, ErrorSchemas>
  : Record<never, never>;

/** The commands of a contract, as a client calls them. */
export type CommandsOfContract<Commands extends Contract> = {
  readonly [Name in keyof Commands]: Commands[Name] extends { readonly stream: true }
    ? DescribedStream<
      GivenTo<Part<Commands[Name], "input">, unknown>,
      GivenBy<Part<Commands[Name], "output">, unknown>,
      ErrorsOf<Commands[Name]>
    >
    : DescribedCommand<
      GivenTo<Part<Commands[Name], "input">, unknown>,
      GivenBy<Part<Commands[Name], "output">, unknown>,
      ErrorsOf<Commands[Name]>
    >;
};

/** The schemas of the errors of a command, or of its contract. */
export type ErrorSchemasOf<Command> = Command extends { readonly [CONTRACT]: infer One }
  ? ErrorsOf<One>
  : ErrorsOf<Command>;
