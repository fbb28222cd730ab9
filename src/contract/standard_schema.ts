// Schemas of whatever library, as the Standard Schema specification describes them.

/**
 * A schema of any library that follows Standard Schema, such as zod 3.24, valibot 1.0 and arktype
 * 2.0 or newer.
 *
 * @typeParam Input What it takes.
 * @typeParam Output What it gives: the same, where nothing is converted.
 * @see https://standardschema.dev
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** What the specification asks of a schema. */
  readonly "~standard": StandardProperties<Input, Output>;
}

/** What the specification asks of a schema. */
export interface StandardProperties<Input = unknown, Output = Input> {
  /** Version of the specification. */
  readonly version: 1;
  /** Name of the library. */
  readonly vendor: string;
  /** Validates a value, at once or later. */
  readonly validate: (
    value: unknown,
  ) => StandardResult<Output> | Promise<StandardResult<Output>>;
  /** JSON Schemas of what it takes and gives, where the library has them. */
  readonly jsonSchema?: StandardJsonSchemas | undefined;
  /** For the compiler alone. */
  readonly types?: { readonly input: Input; readonly output: Output } | undefined;
}

/**
 * JSON Schemas of what a schema takes and gives.
 *
 * @see https://standardschema.dev/json-schema
 */
export interface StandardJsonSchemas {
  /** Of what it takes; throws where JSON can't describe that. */
  readonly input: (options: { readonly target: string }) => Record<string, unknown>;
  /** Of what it gives; throws where JSON can't describe that. */
  readonly output: (options: { readonly target: string }) => Record<string, unknown>;
}

/** What validation gives: the value, or what is wrong with it. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One thing that is wrong with a value. */
export interface StandardIssue {
  /** What is wrong, for people. */
  readonly message: string;
  /** Where: the keys from the whole value on. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Any schema, whatever it takes and gives. */
// deno-lint-ignore no-explicit-any -- a schema is neither wider nor narrower than this one
export type AnySchema = StandardSchema<any, any>;

/** What a schema takes. */
export type SchemaInput<Schema extends AnySchema> = NonNullable<
  Schema["~standard"]["types"]
>["input"];

/** What a schema gives. */
export type SchemaOutput<Schema extends AnySchema> = NonNullable<
  Schema["~standard"]["types"]
>["output"];
