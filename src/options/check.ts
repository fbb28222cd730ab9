// Checks of single options, shared by both sides.
import { MAX_TIMER_MS } from "../async/clock.ts";
import { RpcError } from "../wire/errors.ts";
import { suggest } from "./suggest.ts";

/**
 * Gives the value of an option where it is right, a copy where it is an object or a list of
 * options, and throws where it is not. `undefined` reaches it only where the option is required.
 */
export type Check<T> = (value: unknown, name: string) => T;

/** The check of an object of options. */
export interface Shape<Options> extends Check<Options> {
  readonly names: readonly string[];
}

/** Longest text that an error shows, in characters. */
const SHOWN_CHARACTERS = 60;

/** Throws `invalid_argument`, always. */
export function refuse(name: string, reason: string, advice: string): never {
  throw new RpcError(
    "invalid_argument",
    `Cannot use the option \`${name}\`: ${reason}. ${advice}`,
  );
}

/** Shows a value in the text of an error: simple ones as they are written, others by their kind. */
export function show(value: unknown): string {
  switch (typeof value) {
    case "string": {
      const cut = value.length > SHOWN_CHARACTERS;
      return JSON.stringify(cut ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value);
    }
    case "number":
    case "boolean":
      return Object.is(value, -0) ? "-0" : String(value);
    default:
      return kindOf(value);
  }
}

/** Says what kind of value it is, without its content, which may be a secret. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Asks for the option that may have been meant; undefined where there is nothing near. */
export function didYouMean(near: readonly string[], mark = "`"): string | undefined {
  if (near.length === 0) return undefined;
  return `Did you mean ${either(near.map((name) => `${mark}${name}${mark}`))}?`;
}

function either(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} or ${last}`;
}

export function wholeNumber(
  range: { readonly from?: number; readonly to?: number; readonly orInfinity?: boolean } = {},
): Check<number> {
  const { from = 1, to = MAX_TIMER_MS, orInfinity = false } = range;
  const advice = `Give a whole number from ${from} to ${to}${orInfinity ? ", or Infinity" : ""}.`;
  return (value, name) => {
    if (Number.isInteger(value) && value as number >= from && value as number <= to) {
      return value as number;
    }
    if (orInfinity && value === Infinity) return Infinity;
    return refuse(name, `it is ${show(value)}`, advice);
  };
}

/** True or false, and nothing that is merely taken for one of them. */
export const flag: Check<boolean> = (value, name) => {
  if (typeof value === "boolean") return value;
  return refuse(name, `it is ${show(value)}`, "Give true or false.");
};

/** True, false, or an object of options. */
export function flagOr<Options>(shape: Shape<Options>): Shape<boolean | Options> {
  const check: Check<boolean | Options> = (value, name) => {
    return typeof value === "boolean" ? value : shape(value, name);
  };
  return Object.assign(check, { names: shape.names });
}

/** A text that is not empty. */
export const text: Check<string> = (value, name) => {
  if (typeof value === "string" && value !== "") return value;
  return refuse(name, `it is ${show(value)}`, "Give a non-empty string.");
};

/** A text that is not empty, and that no error may show. */
export const secret: Check<string> = (value, name) => {
  if (typeof value === "string" && value !== "") return value;
  const what = value === "" ? "empty" : kindOf(value);
  return refuse(name, `it is ${what}`, "Give a non-empty string.");
};

export function oneOf<const T extends string>(values: readonly T[]): Check<T> {
  const advice = `Give ${either(values.map((known) => `"${known}"`))}.`;
  return (value, name) => {
    const found = values.find((known) => known === value);
    if (found !== undefined) return found;
    const near = typeof value === "string" ? suggest(value, values) : [];
    return refuse(name, `it is ${show(value)}`, didYouMean(near, '"') ?? advice);
  };
}

/** A list, each entry of it checked. */
export function listOf<T>(check: Check<T>, example: string): Check<T[]> {
  return (value, name) => {
    if (!Array.isArray(value)) {
      refuse(name, `it is ${show(value)}, not a list`, `Give a list, for example ${example}.`);
    }
    // A hole is an entry too.
    return Array.from(value, (entry, index) => check(entry, `${name}[${index}]`));
  };
}

export function callable<T>(advice: string): Check<T> {
  return (value, name) => {
    if (typeof value === "function") return value as T;
    return refuse(name, `it is ${kindOf(value)}`, advice);
  };
}

/** A signal of an AbortController. */
export const signal: Check<AbortSignal> = (value, name) => {
  if (value instanceof AbortSignal) return value;
  return refuse(
    name,
    `it is ${show(value)}, not an AbortSignal`,
    "Give the `signal` of an AbortController, or AbortSignal.timeout(milliseconds).",
  );
};

/** Names of the methods of an interface. */
type MethodOf<T> = {
  // deno-lint-ignore no-explicit-any -- matches a method of any input
  [Name in keyof T & string]: T[Name] extends (...args: any[]) => unknown ? Name : never;
}[keyof T & string];

/** An object, or a function, with methods of these names. */
export function withMethods<T>(methods: Record<MethodOf<T>, true>, advice: string): Check<T> {
  return (value, name) => {
    if (typeof value !== "object" && typeof value !== "function" || value === null) {
      refuse(name, `it is ${show(value)}, not an object`, advice);
    }
    const has = (name: string) => typeof (value as Record<string, unknown>)[name] === "function";
    for (const method of Object.keys(methods)) {
      if (has(method)) continue;
      const [near] = suggest(method, Object.keys(value).filter(has));
      const other = near === undefined ? "" : `, but \`${near}\``;
      refuse(name, `it has no method \`${method}\`${other}`, advice);
    }
    return value as T;
  };
}
