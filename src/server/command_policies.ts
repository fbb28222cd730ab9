// How each command is to be run: by its contract, by the options of the server, within its limits.
import type { CommandPolicy } from "../contract/policy.ts";
import type { Executor } from "../executor/executor.ts";
import { didYouMean } from "../options/check.ts";
import { suggest } from "../options/suggest.ts";
import { RpcError } from "../wire/errors.ts";
import type { ServerSettings } from "./settings.ts";

/** A policy without gaps, but where nothing is said. */
export interface ResolvedPolicy {
  readonly timeoutMs: number;
  readonly queueMs: number;
  readonly requestBytes: number;
  readonly idempotent: boolean;
  readonly priority: number;
  /** Undefined: those of the server. */
  readonly concurrency: number | undefined;
}

export interface CommandPoliciesOptions {
  readonly limits: Pick<ServerSettings["limits"], "timeoutMs" | "queueMs" | "requestBytes">;
  /** By the contracts of the commands. */
  readonly declared?: Executor["policies"];
  /** By the options of the server: these count first. */
  readonly chosen?: Readonly<Record<string, CommandPolicy>> | undefined;
}

/** The policies of a server's commands. */
export class CommandPolicies {
  readonly #all = new Map<string, ResolvedPolicy>();
  readonly #others: ResolvedPolicy;

  constructor({ limits, declared = [], chosen = {} }: CommandPoliciesOptions) {
    const resolve = (policy: CommandPolicy): ResolvedPolicy => ({
      timeoutMs: Math.min(policy.timeoutMs ?? Infinity, limits.timeoutMs),
      queueMs: Math.min(policy.limits?.queueMs ?? Infinity, limits.queueMs),
      requestBytes: Math.min(policy.limits?.requestBytes ?? Infinity, limits.requestBytes),
      idempotent: policy.idempotent ?? false,
      priority: policy.priority ?? 0,
      concurrency: policy.concurrency,
    });
    this.#others = resolve({});
    const byContract = new Map(declared);
    const byOption = new Map(Object.entries(chosen));
    for (const name of new Set([...byContract.keys(), ...byOption.keys()])) {
      const [theirs, own] = [byContract.get(name), byOption.get(name)];
      const both = { ...theirs, ...own, limits: { ...theirs?.limits, ...own?.limits } };
      this.#all.set(name, resolve(both));
    }
  }

  of(command: string): ResolvedPolicy {
    return this.#all.get(command) ?? this.#others;
  }

  /** Those with a limit of their own to what runs at a time. */
  get limited(): [string, number][] {
    return [...this.#all].flatMap(([name, { concurrency }]) =>
      concurrency === undefined ? [] : [[name, concurrency]]
    );
  }
}

/** Throws `invalid_argument` for a policy of a command that a server does not have. */
export function checkPolicies(
  chosen: Readonly<Record<string, CommandPolicy>>,
  commands: readonly string[],
): void {
  for (const name of Object.keys(chosen)) {
    if (commands.includes(name)) continue;
    const advice = didYouMean(suggest(name, commands)) ?? `There are ${commands.join(", ")}.`;
    throw new RpcError(
      "invalid_argument",
      `Cannot use the option \`policies\`: there is no command "${name}". ${advice}`,
    );
  }
}
