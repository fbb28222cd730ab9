// The JSON Schema of one schema.
import type { AnySchema } from "./standard_schema.ts";

/** A JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Versions of JSON Schema. */
export type JsonSchemaTarget = "draft-2020-12" | "draft-07";

/** A JSON Schema, or why there is none. Self-contained, because it travels as text. */
export function jsonSchemaOf(
  schema: AnySchema,
  side: "input" | "output",
  target: JsonSchemaTarget,
): JsonSchema | string {
  // Wrappers by the names that libraries give themselves.
  const advice: Readonly<Record<string, string>> = {
    valibot: "Wrap it by toStandardJsonSchema() of npm:@valibot/to-json-schema.",
    zod: "Use zod 4.2 or newer.",
    arktype: "Use arktype 2.1.28 or newer.",
  };
  const { vendor, jsonSchema } = schema["~standard"];
  if (jsonSchema === undefined) {
    return `its library, ${vendor}, gives none. ${
      advice[vendor] ?? "Look for a wrapper of it that follows Standard JSON Schema."
    }`;
  }
  try {
    const { $schema: _, ...rest } = jsonSchema[side]({ target });
    return rest;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\.$/, "") : "it was refused";
    return `${reason}. Use a schema that JSON can describe.`;
  }
}
