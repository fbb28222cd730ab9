// The command line, taken apart.
import { parseArgs } from "node:util";
import { MAX_TIMER_MS } from "../async/clock.ts";
import { show } from "../options/check.ts";
import { unknownName, UsageError } from "./usage_error.ts";

/** A flag, and a line about it. */
export interface Flag {
  /** Placeholder of its value in the help, as in `MS`; missing for one that is on or off. */
  readonly value?: string;
  readonly short?: string;
  /** What its value may be, where that is one of some words. */
  readonly words?: readonly string[];
  /** Whether it may be given several times. */
  readonly multiple?: true;
  readonly help: string;
}

export type Flags = Readonly<Record<string, Flag>>;

type Values = ReadonlyMap<string, readonly (string | true)[]>;

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Flags by their long names, and what stands beside them. */
export class Arguments {
  readonly #values: Values;
  readonly positionals: readonly string[];

  constructor(values: Values, positionals: readonly string[]) {
    this.#values = values;
    this.positionals = positionals;
  }

  flag(name: string): boolean {
    return this.#values.has(name);
  }

  /** Of a flag that was given several times, the last value. */
  text(name: string): string | undefined {
    return this.list(name).at(-1);
  }

  list(name: string): readonly string[] {
    return (this.#values.get(name) ?? []).map(String);
  }

  /** A whole number in a range. */
  number(name: string, { from = 1, to = MAX_TIMER_MS } = {}): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = /^\d+$/.test(text) ? Number(text) : NaN;
    if (number >= from && number <= to) return number;
    throw wrongValue(name, text, `Give a whole number from ${from} to ${to}.`);
  }

  /** Milliseconds: `500`, `500ms`, `5s`, `2m`, `1h`, `1d`. */
  duration(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? [];
    const milliseconds = Math.round(Number(digits) * UNITS[unit]!);
    if (milliseconds >= 1) return milliseconds;
    throw wrongValue(name, text, "Give a time such as 500ms, 5s, 2m or 1h.");
  }

  /** One of some words. */
  oneOf<const T extends string>(name: string, words: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const found = words.find((word) => word === text);
    if (found === undefined) throw unknownName(`value of --${name}`, text, words);
    return found;
  }
}

export function wrongValue(flag: string, text: string, advice: string): UsageError {
  return new UsageError(`Cannot use --${flag}: it is ${show(text)}. ${advice}`);
}

/** Takes a command line apart; a flag that is not known is refused. */
export function parseArguments(args: readonly string[], flags: Flags): Arguments {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { value, short }]) => {
      const type = value === undefined ? "boolean" as const : "string" as const;
      return [name, { type, multiple: true, ...(short !== undefined && { short }) }];
    }),
  );
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options,
    // What is wrong is said here, in the form of all errors.
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, (string | true)[]>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    const flag = Object.hasOwn(flags, name) ? flags[name]! : undefined;
    if (flag === undefined) {
      throw unknownName("flag", rawName, Object.keys(flags).map((known) => `--${known}`));
    }
    if (flag.value === undefined && value !== undefined) {
      throw wrongValue(name, value, "It takes no value.");
    }
    if (flag.value !== undefined && value === undefined) {
      throw new UsageError(
        `Cannot use --${name}: its value is missing. Give --${name} ${flag.value}.`,
      );
    }
    const before = flag.multiple ? values.get(name) ?? [] : [];
    values.set(name, [...before, value ?? true]);
  }
  return new Arguments(values, positionals);
}
