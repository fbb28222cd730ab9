// Values against schemas.
import { type Issue, issuesText, readIssues } from "./issues.ts";
import type { AnySchema } from "./standard_schema.ts";
import { type RpcCode, RpcError, type RpcErrorOptions } from "../wire/errors.ts";

/** What a schema makes of a value: another value, or what is wrong with it. */
export type Verdict =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly value?: undefined; readonly issues: readonly Issue[] };

/**
 * Asks a schema about a value. No promise where the schema needs none. Throws, or rejects with,
 * whatever a broken schema throws.
 */
export function validate(schema: AnySchema, value: unknown): Verdict | Promise<Verdict> {
  const result: unknown = schema["~standard"].validate(value);
  return isPromise(result) ? Promise.resolve(result).then(verdictOn) : verdictOn(result);
}

/** By what it does, not by its class: libraries have promises of their own. */
function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}

function verdictOn(result: unknown): Verdict {
  if (typeof result !== "object" || result === null) {
    throw neither();
  }
  const { issues, value } = result as { issues?: unknown; value?: unknown };
  if (issues !== undefined) return { issues: readIssues(issues) };
  if (value === undefined && !("value" in result)) throw neither();
  return { value };
}

function neither(): TypeError {
  return new TypeError("the schema is broken: it gave neither a value nor issues");
}

/** The error of an input that its schema refuses. `what`: for example `call "add"`. */
export function invalidInput(
  what: string,
  issues: readonly Issue[],
  options: RpcErrorOptions = {},
): RpcError {
  const text = `Cannot ${what}: the input is not what its schema says: ${issuesText(issues)}. ` +
    "Correct the input.";
  return new RpcError("invalid_argument", text, { ...options, details: { issues } });
}

/**
 * The error of what a command gave and its schema refuses. Its caller is not shown what it was: that
 * is in the stack, for the log of the server. `what`: for example `result`.
 */
export function invalidOutput(command: string, what: string, reason: unknown): RpcError {
  const text =
    `Cannot answer "${command}": the contract says otherwise of its ${what}. The log of the server ` +
    "says where.";
  const code: RpcCode = "internal";
  const error = new RpcError(code, text, { cause: reason });
  // Without the name of an RpcError in front, which the log takes for an error thrown on purpose.
  const [, ...frames] = String(error.stack).slice(text.length).split("\n");
  error.stack = [`Broken contract: the ${what} of "${command}": ${reasonText(reason)}`, ...frames]
    .join("\n");
  return error;
}

function reasonText(reason: unknown): string {
  if (Array.isArray(reason)) return issuesText(reason as readonly Issue[]);
  try {
    return reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
  } catch {
    return "the schema threw what cannot be shown";
  }
}
