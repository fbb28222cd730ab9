// What the contracts of commands say for others.
import type { CommandContract } from "../../contract/contract.ts";
import type { jsonSchemaOf } from "../../contract/json_schema_of.ts";
import type { AnySchema } from "../../contract/standard_schema.ts";
import type { CommandDescription } from "../../wire/discovery.ts";

/** Descriptions by the names of their commands; what is a plain call without a contract has none. */
export type Descriptions = readonly (readonly [command: string, CommandDescription])[];

/**
 * Creates what describes commands. Self-contained, because it travels as text, and with the functions
 * of the moment it was created, because commands may replace them.
 */
export function createDescribeCommands(
  schemaOf: typeof jsonSchemaOf,
  contractKey: symbol,
): (names: readonly string[], commands: Readonly<Record<string, unknown>>) => Descriptions {
  /** Most characters of a summary. */
  const MAX_SUMMARY = 1_000;
  /** Most characters of the schemas of a command, as JSON. */
  const MAX_ONE = 16_384;
  /** Most of all commands: they are one message of a sandbox, and one answer of a server. */
  const MAX_ALL = 65_536;
  const { stringify, parse } = JSON;
  const { entries, fromEntries } = Object;
  const kindOf = Object.prototype.toString;
  const { apply } = Reflect;
  let left = MAX_ALL;

  function schemasOf({ input, output, errors = {} }: CommandContract) {
    const problems: string[] = [];
    const convert = (schema: AnySchema | undefined, side: "input" | "output", what: string) => {
      const converted = schema && schemaOf(schema, side, "draft-2020-12");
      if (typeof converted !== "string") return converted;
      problems.push(`${what} has no JSON Schema: ${converted}`);
      return undefined;
    };
    const details = entries<AnySchema | undefined>(errors).flatMap(([code, schema]) => {
      const converted = convert(schema, "output", `The error "${code}"`);
      return converted === undefined ? [] : [[code, converted] as const];
    });
    const schemas = {
      input: convert(input, "input", "The input"),
      output: convert(output, "output", "The result"),
      errors: details.length === 0 ? undefined : fromEntries(details),
    };
    return { schemas, problems };
  }

  /** As they are in JSON, or why they are not there. */
  function described(contract: CommandContract): Partial<CommandDescription> {
    try {
      const { schemas, problems } = schemasOf(contract);
      const omitted = problems.length === 0 ? undefined : problems.join(" ").slice(0, MAX_SUMMARY);
      const json = stringify(schemas);
      const limit = Math.min(MAX_ONE, left);
      if (json.length > limit) {
        return { omitted: `Its schemas have ${json.length} characters, the limit is ${limit}.` };
      }
      left -= json.length;
      return { ...parse(json), omitted };
    } catch {
      // A schema may be anything: it gives a BigInt, or itself, which no JSON holds.
      return { omitted: "Its schemas can't be written as JSON." };
    }
  }

  return (names, commands) =>
    names.flatMap((name): Descriptions => {
      const command = commands[name] as { readonly [key: symbol]: CommandContract };
      const contract = command[contractKey];
      const isGenerator = apply(kindOf, command, []) === "[object AsyncGeneratorFunction]";
      const kind = contract?.stream ?? isGenerator ? "stream" : "call";
      if (contract === undefined) return kind === "call" ? [] : [[name, { kind }]];
      const summary = contract.summary?.slice(0, MAX_SUMMARY);
      return [[name, { kind, summary, ...described(contract) }]];
    });
}
