/**
 * Commands that carry their contract: schemas of input, result and errors. It loads nothing but this package's error class, so a sandboxed module may import it.
 *
 * @example A module of commands
 * ```ts
 * import { command } from "@kafka-rpc/deno/command";
 * import { RpcError } from "@kafka-rpc/deno/errors";
 * import { z } from "zod";
 *
 * export const divide = command(
 *   { input: z.object({ a: z.number(), b: z.number() }), output: z.number() },
 *   ({ a, b }) => {
 *     if (b === 0) throw new RpcError("out_of_range", "Cannot divide: the divisor is 0.");
 *     return a / b;
 *   },
 * );
 * ```
 *
 * @module
 */
import { isRpcCode, RpcError } from "../wire/errors.ts";
import type { CommandContext } from "./command_context.ts";
import { checkedContract, type CommandContract, CONTRACT, type ErrorSchemas } from "./contract.ts";
import type { AnySchema, SchemaOutput } from "./standard_schema.ts";
import type { Described, ErrorSchemasOf, Handler } from "./types.ts";
import { invalidInput, invalidOutput, validate, type Verdict } from "./validate.ts";

export {
  type CommandContract,
  type Contract,
  contract,
  type ErrorSchemas,
  type NeededPermissions,
  type OnlyContracts,
} from "./contract.ts";
export { CONTRACT } from "./contract.ts";
export type { CommandLimits, CommandPolicy } from "./policy.ts";
export type { CommandContext } from "./command_context.ts";
export type { Issue } from "./issues.ts";
export type {
  AnySchema,
  SchemaInput,
  SchemaOutput,
  StandardIssue,
  StandardJsonSchemas,
  StandardProperties,
  StandardResult,
  StandardSchema,
} from "./standard_schema.ts";
export type {
  CommandsOfContract,
  Described,
  DescribedCommand,
  DescribedStream,
  ErrorSchemasOf,
  ErrorsOf,
  GivenBy,
  GivenTo,
  Handler,
  IsStream,
  Part,
  YieldOf,
} from "./types.ts";

/** The context of the server; where nothing calls it but a test, one with defaults. */
function contextOf(given: Partial<CommandContext> | undefined, name: string): CommandContext {
  if (given?.id !== undefined) return given as CommandContext;
  return {
    id: "local",
    command: name || "command",
    signal: new AbortController().signal,
    deadline: Infinity,
    attempt: 1,
    metadata: {},
    setReplyMetadata: () => {},
    ...given,
  };
}

/**
 * Makes a command that carries its contract: a function that validates its input, runs the one it
 * is given, and validates the result; of an `async function*` each value that it yields. It is
 * called in a test like any function.
 *
 * @param described What it takes, gives and fails with, and how it is to be run.
 * @param handler The function: it gets what the schema of the input gives, and a context.
 * @returns The command. It rejects with `invalid_argument` and `details.issues` where the input is
 * refused by its schema, with `internal` where the result or the details of an error are.
 * @throws {RpcError} `invalid_argument` where the contract can't be right.
 *
 * @example
 * ```ts
 * import { command } from "@kafka-rpc/deno/command";
 * import { z } from "zod";
 *
 * export const length = command(
 *   { input: z.string(), output: z.number(), timeoutMs: 1_000, idempotent: true },
 *   (text) => text.length,
 * );
 *
 * Deno.test("length counts", async () => {
 *   if (await length("four") !== 4) throw new Error("not 4");
 * });
 * ```
 *
 * @see https://standardschema.dev
 */
export function command<
  Input extends AnySchema = never,
  Output extends AnySchema = never,
  Errors extends ErrorSchemas = Record<never, never>,
  Stream extends boolean = boolean,
  Function extends Handler<Input, Output, Stream> = Handler<Input, Output, Stream>,
>(
  described: CommandContract<Input, Output, Errors, Stream>,
  handler: Function,
): Described<Input, Output, Function, Errors> {
  const { name } = Object(handler);
  const checked = checkedContract<CommandContract>(described);
  if (typeof handler !== "function") {
    throw new RpcError(
      "invalid_argument",
      "Cannot make a command: there is no function. Give it as the second argument.",
    );
  }
  const isStream = isGenerator(handler);
  if (isStream !== (checked.stream ?? isStream)) throw otherKind(isStream);
  const run = isStream ? streamOf(handler, checked) : commandOf(handler, checked);
  Object.defineProperty(run, "name", { value: name, configurable: true });
  Object.defineProperty(run, CONTRACT, { value: Object.freeze({ ...checked, stream: isStream }) });
  return run as unknown as Described<Input, Output, Function, Errors>;
}

function otherKind(isStream: boolean): RpcError {
  const reason = isStream
    ? "the function is an async function*, and its contract does not say so. Add `stream: true`: its " +
      "clients take one reply otherwise"
    : "its contract says `stream: true`, and the function is no async function*. Write one, or leave " +
      "`stream` out";
  return new RpcError("invalid_argument", `Cannot make a command: ${reason}.`);
}

type Run = (input: unknown, context: CommandContext) => unknown;

/** By its class, whichever realm that is of: what it returns is not known before it is called. */
function isGenerator(handler: unknown): handler is Run {
  return Object.prototype.toString.call(handler) === "[object AsyncGeneratorFunction]";
}

function commandOf(handler: Run, { input, output, errors }: CommandContract) {
  return async function run(this: unknown, given?: unknown, around?: Partial<CommandContext>) {
    const context = contextOf(around, handler.name);
    const value = await givenBy(input, given, context);
    let result: unknown;
    try {
      result = await Reflect.apply(handler, this, [value, context]);
    } catch (thrown) {
      throw await withDetails(thrown, errors, context.command);
    }
    return output === undefined ? result : await kept(output, result, context.command, "result");
  };
}

function streamOf(handler: Run, { input, output, errors }: CommandContract) {
  return async function* run(this: unknown, given?: unknown, around?: Partial<CommandContext>) {
    const context = contextOf(around, handler.name);
    const value = await givenBy(input, given, context);
    const values = Reflect.apply(handler, this, [value, context]) as AsyncGenerator;
    try {
      while (true) {
        const step = await values.next();
        if (step.done) return step.value;
        const { value } = step;
        yield output === undefined ? value : await kept(output, value, context.command, "value");
      }
    } catch (thrown) {
      throw await withDetails(thrown, errors, context.command);
    } finally {
      await values.return(undefined);
    }
  };
}

/** What the schema makes of an input; throws `invalid_argument` where it refuses it. */
async function givenBy(
  schema: AnySchema | undefined,
  given: unknown,
  { command }: CommandContext,
): Promise<unknown> {
  if (schema === undefined) return given;
  const { value, issues } = await validate(schema, given);
  if (issues !== undefined) throw invalidInput(`run "${command}"`, issues);
  return value;
}

/** What a schema gives for a value of the server; throws what its caller may know. */
async function kept(
  schema: AnySchema,
  value: unknown,
  name: string,
  what: string,
): Promise<unknown> {
  let verdict: Verdict;
  try {
    verdict = await validate(schema, value);
  } catch (thrown) {
    throw invalidOutput(name, what, thrown);
  }
  if (verdict.issues !== undefined) throw invalidOutput(name, what, verdict.issues);
  return verdict.value;
}

function schemaOf(errors: ErrorSchemas, code: unknown): AnySchema | undefined {
  const known = isRpcCode(code) && Object.hasOwn(errors, code);
  return known ? errors[code as keyof ErrorSchemas] : undefined;
}

/** An error with what the schema of its code gives for its details. */
async function withDetails(
  thrown: unknown,
  errors: ErrorSchemas | undefined,
  name: string,
): Promise<unknown> {
  if (errors === undefined) return thrown;
  // By name, not by class: it may be of another copy of this package.
  const { name: kind, code, message, cause, details, stack } = Object(thrown) as Partial<RpcError>;
  const schema = kind === "RpcError" ? schemaOf(errors, code) : undefined;
  if (schema === undefined) return thrown;
  const parsed = await kept(schema, details, name, `details of the error "${code}"`);
  const error = new RpcError(code!, String(message), { details: parsed, cause });
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** An error of a command with details of the type that its contract gives for the code. */
export type ErrorOf<Command> = {
  [Code in keyof ErrorSchemasOf<Command>]: RpcError & {
    readonly code: Code;
    readonly details: ErrorSchemasOf<Command>[Code] extends AnySchema
      ? SchemaOutput<ErrorSchemasOf<Command>[Code]>
      : unknown;
  };
}[keyof ErrorSchemasOf<Command>];

/**
 * Tells whether an error is one that a command's contract names, with the details that it has there.
 *
 * @param described The command, or its contract.
 * @param error What a call was rejected with.
 * @returns Whether its code is one of the contract and it has details: the server has validated
 * them, they are not validated again.
 *
 * @example
 * ```ts
 * import type { Client } from "@kafka-rpc/deno";
 * import { type CommandsOfContract, contract, isErrorOf } from "@kafka-rpc/deno/command";
 * import { z } from "zod";
 *
 * const math = contract({
 *   sqrt: { input: z.number(), errors: { out_of_range: z.object({ least: z.number() }) } },
 * });
 *
 * export async function root(client: Client<CommandsOfContract<typeof math>>, n: number) {
 *   try {
 *     return await client.call("sqrt", n);
 *   } catch (error) {
 *     if (isErrorOf(math.sqrt, error)) return error.details.least; // a number
 *     throw error;
 *   }
 * }
 * ```
 */
export function isErrorOf<Command extends CommandContract | { readonly [CONTRACT]: unknown }>(
  described: Command,
  error: unknown,
): error is ErrorOf<Command> {
  const { errors } = (CONTRACT in described ? described[CONTRACT] : described) as CommandContract;
  if (!(error instanceof Error) || error.name !== "RpcError") return false;
  const { code, details } = error as RpcError;
  return errors !== undefined && schemaOf(errors, code) !== undefined && details !== undefined;
}
