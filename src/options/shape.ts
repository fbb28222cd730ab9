// Objects of options: one line an option, and none forgotten.
import { RpcError } from "../wire/errors.ts";
import { type Check, didYouMean, kindOf, refuse, type Shape } from "./check.ts";
import { suggest } from "./suggest.ts";

/** The check of an option that must be given. */
export interface RequiredCheck<T> extends Check<T> {
  /** Marks that `undefined` reaches the check. */
  readonly required: true;
}

/**
 * A check for each option: to forget one, or the check that one is required, is an error of the
 * compiler.
 */
export type Schema<Options> = {
  readonly [Name in keyof Options]-?: undefined extends Options[Name]
    ? Check<Exclude<Options[Name], undefined>>
    : RequiredCheck<Options[Name]>;
};

/** Words for an object of options in the texts of errors. */
export interface ShapeTexts {
  /** What has these options, as in "connect()". Default: the path of the object. */
  readonly owner?: string;
  /** Such an object, shown where something else was given. */
  readonly example?: string;
  /** Options by names that they had in an earlier version. */
  readonly formerly?: ReadonlyMap<string, string>;
}

/** Makes an option one that must be given. */
export function required<T>(check: Check<T>): RequiredCheck<T> {
  const whole = (value: unknown, name: string) => check(value, name);
  return Object.assign(whole, { required: true } as const);
}

/**
 * Makes the check of an object of options. It reads each option once, whatever the object is, and
 * gives a plain copy without what is undefined: what the caller does to the object later, or has it
 * do, changes nothing. An empty path stands for the options of a function itself.
 */
export function shape<Options extends object>(
  schema: Schema<Options>,
  texts: ShapeTexts = {},
): Shape<Options> {
  const checks = Object.entries<Check<unknown>>(schema).map(([name, check]) => {
    return { name, check, isRequired: "required" in check };
  });
  const known = new Set(Object.keys(schema));

  const whole = (value: unknown, path: string): Options => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw notAnObject(value, path, texts);
    }
    for (const name of Object.keys(value)) {
      if (!known.has(name)) refuseName(name, path, texts, schema);
    }
    const copy: Record<string, unknown> = {};
    for (const { name, check, isRequired } of checks) {
      const given = (value as Record<string, unknown>)[name];
      if (given === undefined && !isRequired) continue;
      // Runs for each call of a client: names of the schema need no check by join().
      copy[name] = check(given, path === "" ? name : `${path}.${name}`);
    }
    return copy as Options;
  };
  return Object.assign(whole, { names: [...known] });
}

/** The path of an option inside another one. */
export function join(path: string, name: string): string {
  if (!/^[\w$]+$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? name : `${path}.${name}`;
}

function notAnObject(
  value: unknown,
  path: string,
  { owner, example = "an object" }: ShapeTexts,
): RpcError {
  const what = path === "" ? `the options of ${owner}: they are` : `the option \`${path}\`: it is`;
  return new RpcError(
    "invalid_argument",
    // Not the value itself: it may be a secret.
    `Cannot use ${what} ${kindOf(value)}, not an object. Give ${example}.`,
  );
}

function refuseName(name: string, path: string, texts: ShapeTexts, schema: object): never {
  const { owner = `\`${path}\``, formerly } = texts;
  const names = Object.keys(schema);
  const renamed = formerly?.get(name);
  const meantNames = renamed === undefined ? suggest(name, names) : [renamed];
  const near = meantNames.map((other) => join(path, other));
  const meant = didYouMean(near.length > 0 ? near : namesInside(name, path, schema));
  const advice = meant ?? `There are ${names.join(", ")}.`;
  const cut = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  refuse(join(path, cut), `${owner} has no option of this name`, advice);
}

/** Options of this very name one level deeper, as `memoryMb` is one of `limits`. */
function namesInside(name: string, path: string, schema: object): string[] {
  return Object.entries<Partial<Shape<unknown>>>({ ...schema })
    .filter(([, { names }]) => names?.includes(name))
    .map(([outer]) => join(join(path, outer), name));
}
