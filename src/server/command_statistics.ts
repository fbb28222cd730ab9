// What a server counts of each command.
import { clock } from "../async/clock.ts";
import type { CommandFailure, CommandStats } from "../wire/discovery.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { ServerCounts } from "./counts.ts";
import type { IncomingCall } from "./incoming_call.ts";

/** Upper bounds of the groups of durations, in milliseconds. */
const BOUNDS_MS: readonly number[] = Object.freeze(
  [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000],
);
/** Longest text of an error that is kept, in characters. */
const MAX_MESSAGE_CHARS = 200;

/** What is counted of one command: a few numbers a call. */
export class CommandCounts {
  readonly #name: string;
  readonly #isExpression: boolean;
  readonly #durations = new Array<number>(BOUNDS_MS.length + 1).fill(0);
  #sumMs = 0;
  #running = 0;
  #succeeded = 0;
  #failed = 0;
  #lastError: CommandFailure | undefined;

  constructor(name: string, isExpression: boolean) {
    this.#name = name;
    this.#isExpression = isExpression;
  }

  /** Notes that it has got its turn. */
  begins(): void {
    this.#running++;
  }

  /** Notes that it has run. */
  ran(milliseconds: number): void {
    this.#running--;
    this.#sumMs += milliseconds;
    let group = 0;
    while (group < BOUNDS_MS.length && milliseconds > BOUNDS_MS[group]!) group++;
    this.#durations[group]!++;
  }

  /** Notes what its caller gets. */
  ended(outcome: Outcome): void {
    if (outcome.ok) {
      this.#succeeded++;
      return;
    }
    this.#failed++;
    const { code, message } = outcome.failure;
    const at = new Date(clock.wallTime()).toISOString();
    // What is wrong with an expression is for its sender alone.
    const text = this.#isExpression ? "" : message.slice(0, MAX_MESSAGE_CHARS);
    this.#lastError = { code, message: text, at };
  }

  get stats(): CommandStats {
    return {
      name: this.#name,
      succeeded: this.#succeeded,
      failed: this.#failed,
      running: this.#running,
      lastError: this.#lastError,
      durations: {
        boundsMs: BOUNDS_MS,
        counts: [...this.#durations],
        sumMs: Math.round(this.#sumMs),
      },
    };
  }
}

/** The counts of the commands that a server offers: what else is called has none, it has no end. */
export class CommandStatistics {
  readonly #all: ReadonlyMap<string, CommandCounts>;

  constructor(commands: readonly string[], isExpression: (command: string) => boolean) {
    this.#all = new Map(
      commands.map((name) => [name, new CommandCounts(name, isExpression(name))]),
    );
  }

  of(command: string): CommandCounts | undefined {
    return this.#all.get(command);
  }

  get stats(): CommandStats[] {
    return [...this.#all.values()].map(({ stats }) => stats);
  }
}

/** Counts how a call has ended, but where a policy has. */
export function countEnd(
  { ending, statistics }: Pick<IncomingCall, "ending" | "statistics">,
  outcome: Outcome,
  counts: ServerCounts,
): void {
  if (ending.counted) return;
  counts[outcome.ok ? "succeeded" : "failed"]++;
  statistics?.ended(outcome);
}
