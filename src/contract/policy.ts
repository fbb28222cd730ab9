// How a command is to be run: plain data.

/** Bounds of one command, inside those that `limits` of its server sets for all. */
export interface CommandLimits {
  /** Most bytes of an encoded input and its metadata, 1 to 2 147 483 647. Default: the server's. */
  readonly requestBytes?: number | undefined;
  /** Milliseconds that a request may wait for its start, 1 to 2 147 483 647. Default: the server's. */
  readonly queueMs?: number | undefined;
}

/** How a command is to be run. The server's own limits count where they are nearer. */
export interface CommandPolicy {
  /** Milliseconds that it may run, 1 to 2 147 483 647. Default: `limits.timeoutMs` of the server. */
  readonly timeoutMs?: number | undefined;
  /**
   * Whether running it twice does no more than running it once. True: a call whose sandbox is ended
   * for another one is run again, once. False: a client with the contract does not send again what
   * may have run, whatever `retry` says. Default: neither.
   */
  readonly idempotent?: boolean | undefined;
  /** Runs of it that a server has at a time, 1 to 10 000. Default: the server's `concurrency`. */
  readonly concurrency?: number | undefined;
  /** Which calls that wait at a server go first, -100 to 100: those of the highest. Default: 0. */
  readonly priority?: number | undefined;
  /** Bounds of its own. */
  readonly limits?: CommandLimits | undefined;
}

/** Finds what is wrong with a value; undefined: nothing. */
export type Rule = (value: unknown) => string | undefined;

/** Longest time of a timer. */
const MAX_MS = 2_147_483_647;

const whole = (from: number, to: number): Rule => (value) =>
  Number.isInteger(value) && value as number >= from && value as number <= to
    ? undefined
    : `is no whole number from ${from} to ${to}`;

const LIMITS: Record<keyof CommandLimits, Rule> = {
  requestBytes: whole(1, MAX_MS),
  queueMs: whole(1, MAX_MS),
};

/** What each part may be. */
export const POLICY_RULES: Readonly<Record<keyof CommandPolicy, Rule>> = {
  timeoutMs: whole(1, MAX_MS),
  idempotent: (value) => typeof value === "boolean" ? undefined : "is neither true nor false",
  concurrency: whole(1, 10_000),
  priority: whole(-100, 100),
  limits: (value) => problemIn(value, ruleOf(LIMITS), `one of ${Object.keys(LIMITS).join(", ")}`),
};

/** Finds the rule of a name. */
export function ruleOf(rules: Readonly<Record<string, Rule>>): (name: string) => Rule | undefined {
  return (name) => Object.hasOwn(rules, name) ? rules[name] : undefined;
}

/** What is wrong with an object; `wanted`: what its names must be. */
export function problemIn(
  value: unknown,
  rule: (name: string) => Rule | undefined,
  wanted: string,
): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "is no object";
  for (const [name, part] of Object.entries(value)) {
    if (part === undefined) continue;
    const check = rule(name);
    if (check === undefined) return `has ${JSON.stringify(name)}, which is not ${wanted}`;
    const problem = check(part);
    if (problem !== undefined) return `has \`${name}\`, which ${problem}`;
  }
  return undefined;
}

/** What is wrong with a policy, wherever it comes from. */
export const policyProblem: Rule = (value) =>
  problemIn(value, ruleOf(POLICY_RULES), `one of ${Object.keys(POLICY_RULES).join(", ")}`);
