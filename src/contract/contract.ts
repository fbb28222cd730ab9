// Contracts: what a command takes, gives and fails with.
import { isRpcCode, type RpcCode, RpcError } from "../wire/errors.ts";
import { type CommandPolicy, POLICY_RULES, problemIn, type Rule, ruleOf } from "./policy.ts";
import type { AnySchema } from "./standard_schema.ts";

/** Schemas of the details of errors, by code; the two left out are those of refused values. */
export type ErrorSchemas = {
  readonly [Code in Exclude<RpcCode, "invalid_argument" | "internal">]?: AnySchema | undefined;
};

/** Permissions of Deno that a command needs: of each all, or a list, as the flags of Deno have it. */
export interface NeededPermissions {
  /** Hosts to reach, as `host` or `host:port`. */
  readonly net?: boolean | readonly string[] | undefined;
  /** Environment variables to read. */
  readonly env?: boolean | readonly string[] | undefined;
  /** Files and folders to read. */
  readonly read?: boolean | readonly string[] | undefined;
  /** Files and folders to write. */
  readonly write?: boolean | readonly string[] | undefined;
  /** Facts about the system. */
  readonly sys?: boolean | readonly string[] | undefined;
  /** Programs to run. */
  readonly run?: boolean | readonly string[] | undefined;
  /** Native libraries to load. */
  readonly ffi?: boolean | readonly string[] | undefined;
}

/**
 * What a command takes, gives and fails with, and how it is to be run. Schemas are those of any
 * library that follows Standard Schema.
 *
 * @see https://standardschema.dev
 */
export interface CommandContract<
  Input extends AnySchema = AnySchema,
  Output extends AnySchema = AnySchema,
  Errors extends ErrorSchemas = ErrorSchemas,
  Stream extends boolean = boolean,
> extends CommandPolicy {
  /** Schema of the input: callers give what it takes, the command gets what it gives. Default: any. */
  readonly input?: Input | undefined;
  /**
   * Schema of the result, or of each value of a stream: the command gives what it takes, callers get
   * what it gives. Default: any.
   */
  readonly output?: Output | undefined;
  /** Schemas of the `details` of errors that it throws, by their code. Default: any. */
  readonly errors?: Errors | undefined;
  /**
   * Whether it gives a stream of values. Default: what its function is; in a contract without
   * functions: no.
   */
  readonly stream?: Stream | undefined;
  /**
   * What it needs to be granted. It is granted nothing by it: a server that does not grant it does not
   * start. Default: nothing.
   */
  readonly permissions?: NeededPermissions | undefined;
  /** What it does, in a sentence, for people. */
  readonly summary?: string | undefined;
}

/** Contracts by the names of their commands. */
export type Contract = { readonly [command: string]: CommandContract };

/** The key under which a command carries its contract. Two copies of this module agree on it. */
export const CONTRACT: unique symbol = Symbol.for("@kafka-rpc/deno/contract") as never;

function isSchema(value: unknown): boolean {
  const kind = typeof value;
  if ((kind !== "object" || value === null) && kind !== "function") return false;
  try {
    const { version, validate } = (value as AnySchema)["~standard"];
    return version === 1 && typeof validate === "function";
  } catch {
    return false; // one that can't be looked at validates nothing either
  }
}

const schema: Rule = (value) => {
  if (isSchema(value)) return undefined;
  return "is no Standard Schema. Give one of zod 3.24, valibot 1.0, arktype 2.0 or newer, or of " +
    "another library that https://standardschema.dev names";
};

/** What a value has that its schema refuses has details of its own. */
const isOwnCode = (code: string): boolean =>
  isRpcCode(code) && code !== "invalid_argument" && code !== "internal";
const OWN_CODES = "a code of an RpcError other than `invalid_argument` and `internal`, which " +
  "refused values have";

const isNeed = (value: unknown): boolean =>
  typeof value === "boolean" ||
  Array.isArray(value) && value.every((one) => typeof one === "string" && one !== "");
const need: Rule = (value) =>
  isNeed(value) ? undefined : "is neither a boolean nor a list of names";
const NEEDS: Readonly<Record<keyof NeededPermissions, Rule>> = {
  net: need,
  env: need,
  read: need,
  write: need,
  sys: need,
  run: need,
  ffi: need,
};

const RULES: Record<keyof CommandContract, Rule> = {
  ...POLICY_RULES,
  input: schema,
  output: schema,
  errors: (value) => problemIn(value, (code) => isOwnCode(code) ? schema : undefined, OWN_CODES),
  stream: (value) => typeof value === "boolean" ? undefined : "is neither true nor false",
  permissions: (value) =>
    problemIn(value, ruleOf(NEEDS), `one of ${Object.keys(NEEDS).join(", ")}`),
  summary: (value) => typeof value === "string" ? undefined : "is no text",
};

/** Parts that are objects of their own. */
const PLAIN: ReadonlySet<string> = new Set(["errors", "limits", "permissions"]);

/** The name that was meant, by its beginning or its letters: this module loads no other to find it. */
function advice(name: string): string {
  const written = name.toLowerCase();
  const letters = (text: string) => [...text].sort().join("");
  const near = Object.keys(RULES).find((known) =>
    written.length > 2 && known.startsWith(written.slice(0, 4)) ||
    letters(written) === letters(known)
  );
  return near === undefined
    ? `There are ${Object.keys(RULES).join(", ")}.`
    : `Did you mean \`${near}\`?`;
}

/**
 * A frozen copy of a contract, checked. Throws `invalid_argument` that names what is wrong; `where`
 * is its name there.
 */
export function checkedContract<C extends CommandContract>(given: C, where = "contract"): C {
  const refuse = (reason: string): never => {
    throw new RpcError("invalid_argument", `Cannot use the ${where}: ${reason}`);
  };
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return refuse("it is no object. Give one, for example { input: schema }.");
  }
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const rule = ruleOf(RULES)(name);
    if (rule === undefined) return refuse(`it has no \`${name}\`. ${advice(name)}`);
    if (value === undefined) continue;
    const problem = rule(value);
    if (problem !== undefined) return refuse(`\`${name}\` ${problem}.`);
    copy[name] = PLAIN.has(name) ? Object.freeze({ ...value as object }) : value;
  }
  return Object.freeze(copy) as C;
}

/** A property that no contract has gets the type `never`: the compiler says so at its name. */
export type OnlyContracts<Commands extends Contract> = {
  readonly [Name in keyof Commands]:
    & Commands[Name]
    & { readonly [Key in Exclude<keyof Commands[Name], keyof CommandContract>]: never };
};

/**
 * Describes commands without their code: a file of these is what a server and its clients share.
 *
 * @param commands A contract for each command, by its name.
 * @returns The same, checked and frozen.
 * @throws {RpcError} `invalid_argument` where a contract can't be right.
 *
 * @example
 * ```ts
 * import { contract } from "@kafka-rpc/deno/command";
 * import { z } from "zod";
 *
 * export const math = contract({
 *   divide: {
 *     input: z.object({ a: z.number(), b: z.number() }),
 *     output: z.number(),
 *     errors: { out_of_range: z.object({ divisor: z.number() }) },
 *   },
 *   primes: { input: z.object({ below: z.number() }), output: z.number(), stream: true },
 * });
 * ```
 */
export function contract<const Commands extends Contract>(
  commands: Commands & OnlyContracts<Commands>,
): Commands {
  const checked = Object.entries<CommandContract>(commands).map(([name, one]) => {
    const checked = checkedContract(one, `contract of "${name}"`);
    // Of what nothing is said here, clients take one reply.
    return [name, Object.freeze({ ...checked, stream: checked.stream ?? false })] as const;
  });
  return Object.freeze(Object.fromEntries(checked)) as Commands;
}
