// JSON Schemas of contracts, where the library of a schema can give one.
import { type CommandContract, CONTRACT } from "./contract.ts";
import { type JsonSchema, jsonSchemaOf, type JsonSchemaTarget } from "./json_schema_of.ts";
import type { AnySchema } from "./standard_schema.ts";
export type { JsonSchema, JsonSchemaTarget };

/** Commands that carry contracts, as a module exports them, or what `contract()` returns. */
export type DescribedCommands = Readonly<Record<string, unknown>>;

/** The JSON Schemas of one command; a part without one is left out. */
export interface CommandSchemas {
  /** What callers give. */
  readonly input?: JsonSchema | undefined;
  /** What callers get. */
  readonly output?: JsonSchema | undefined;
  /** The `details` of its errors, by code. */
  readonly errors?: Readonly<Record<string, JsonSchema>> | undefined;
  /** Whether it gives a stream of values: `output` is the schema of each. */
  readonly stream?: boolean | undefined;
  /** What it does. */
  readonly summary?: string | undefined;
}

/** The JSON Schemas of all commands. */
export interface JsonSchemas {
  /** By the names of the commands. */
  readonly commands: Readonly<Record<string, CommandSchemas>>;
  /** Which parts have no JSON Schema, and what to do: a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Gives the JSON Schemas of commands.
 *
 * @param commands A module of commands, or what `contract()` returns. What carries no contract is
 * left out.
 * @param options `target`: version of JSON Schema. Default: `draft-2020-12`.
 * @returns The schemas by command, and a warning for each part whose library can't give one.
 *
 * @example
 * ```ts
 * import { jsonSchemas } from "@kafka-rpc/deno/asyncapi";
 * import { contract } from "@kafka-rpc/deno/command";
 * import { z } from "zod";
 *
 * const math = contract({ sqrt: { input: z.number().min(0), output: z.number() } });
 * console.log(jsonSchemas(math).commands["sqrt"]?.input); // { type: "number", minimum: 0, … }
 * ```
 *
 * @see https://standardschema.dev/json-schema
 */
export function jsonSchemas(
  commands: DescribedCommands,
  options: { readonly target?: JsonSchemaTarget | undefined } = {},
): JsonSchemas {
  const { target = "draft-2020-12" } = options;
  const warnings: string[] = [];
  const convert = (schema: AnySchema | undefined, side: "input" | "output", what: string) => {
    if (schema === undefined) return undefined;
    const converted = jsonSchemaOf(schema, side, target);
    if (typeof converted !== "string") return converted;
    warnings.push(`${what} has no JSON Schema: ${converted}`);
    return undefined;
  };
  const entries = Object.entries(commands).flatMap(([name, described]) => {
    const found = contractIn(described);
    if (found === undefined) return [];
    const { input, output, errors = {}, stream, summary } = found;
    const details = Object.entries<AnySchema | undefined>(errors).flatMap(([code, schema]) => {
      const converted = convert(schema, "output", `The error "${code}" of "${name}"`);
      return converted === undefined ? [] : [[code, converted] as const];
    });
    const schemas: CommandSchemas = {
      input: convert(input, "input", `The input of "${name}"`),
      output: convert(output, "output", `${stream ? "A value" : "The result"} of "${name}"`),
      errors: details.length === 0 ? undefined : Object.fromEntries(details),
      stream: stream || undefined,
      summary,
    };
    return [[name, schemas] as const];
  });
  return { commands: Object.fromEntries(entries), warnings };
}

/** The contract that a command carries, or is; undefined for anything else. */
function contractIn(described: unknown): CommandContract | undefined {
  if (typeof described === "function") {
    return (described as { [CONTRACT]?: CommandContract })[CONTRACT];
  }
  const isContract = typeof described === "object" && described !== null;
  return isContract ? described as CommandContract : undefined;
}
