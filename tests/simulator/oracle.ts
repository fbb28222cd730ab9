/**
 * What must hold, whatever struck.
 *
 * @module
 */
import { RPC_CODES } from "@kafka-rpc/deno";
import { type Outcome, TIMEOUT_MS } from "./calls.ts";
import type { Incidents } from "./incidents.ts";
import type { Servers } from "./servers.ts";

/** How much later than its deadline a call may settle. */
const GRACE_MS = 250;
/** A call that has so long without any harm succeeds, even one that runs for long. */
const PEACE_MS = 2_500;
/** A member that its group went on without may have begun something so long before it learns it. */
const UNAWARE_MS = 15_000;
/** What a call may fail with where something has happened. */
const EXCUSABLE = ["deadline_exceeded", "unavailable"];

/** What became of a run. */
export interface Result {
  readonly outcomes: readonly Outcome[];
  readonly expected: number;
  readonly incidents: Incidents;
  readonly servers: Servers;
  /** Programs that their group went on without. */
  readonly lost: readonly { readonly name: string; readonly at: number }[];
}

/**
 * Judges a run.
 *
 * @param result What became of it.
 * @returns What was promised and not kept.
 */
export function judge(result: Result): string[] {
  const { outcomes, expected, servers, incidents } = result;
  const broken: string[] = [];
  const count = (what: string, wrong: (outcome: Outcome) => boolean) => {
    const found = outcomes.filter(wrong);
    const [example] = found;
    if (example === undefined) return;
    const { call, status, message, begunAt, settledAt } = example;
    const times = `${begunAt.toFixed(0)} to ${settledAt.toFixed(0)}`;
    const around = incidents.within(begunAt, settledAt).join(", ") || "nothing happened";
    broken.push(
      `${found.length} ${what}, as ${call}, ${times}: ${status} ${message} (${around})`,
    );
  };
  if (outcomes.length !== expected) {
    broken.push(`${expected - outcomes.length} calls without outcome`);
  }
  count("wrong answers", ({ status }) => status === "wrong");
  count("untyped errors", ({ status }) => {
    return status !== "ok" && status !== "wrong" &&
      !(RPC_CODES as readonly string[]).includes(status);
  });
  count("settled too late", (o) => o.settledAt > o.begunAt + TIMEOUT_MS + GRACE_MS);
  count("failed without an excuse", (o) => o.status !== "ok" && !isExcused(o, incidents));
  const late = servers.executions.filter((execution) => execution.late > 0);
  if (late.length > 0) broken.push(`${late.length} commands began after their deadline`);
  const twice = executedTwice(result);
  if (twice.length > 0) broken.push(`${twice.length} calls ran twice, as ${twice[0]}`);
  return broken;
}

/** A call may fail for what happens while it waits, unless it has time enough before or after. */
function isExcused({ status, begunAt, settledAt }: Outcome, incidents: Incidents): boolean {
  if (!EXCUSABLE.includes(status)) return false;
  if (incidents.within(begunAt, settledAt).length === 0) return false;
  return incidents.longestPeace(begunAt, settledAt) < PEACE_MS;
}

/**
 * Where a server ended or was left behind by its group, what it had begun may run again; so may a
 * request that was sent again when its key had come to another partition.
 */
function executedTwice({ outcomes, servers, lost }: Result): string[] {
  // A call that failed before, for want of a server, has no answer of any run.
  const answered = outcomes.filter(({ status }) => status === "ok");
  const answeredAt = new Map(answered.map((one) => [one.call, one.settledAt]));
  const byCall = Map.groupBy(servers.executions, ({ call }) => call);
  return [...byCall].flatMap(([call, runs]) => {
    const excused = runs.slice(0, -1).every(({ program, at }) =>
      servers.interrupted.some((one) => {
        // It had no answer yet, or none that had come to the caller.
        return one.program === program && at <= one.at &&
          one.at <= (answeredAt.get(call) ?? Infinity);
      }) ||
      servers.sharedOutAnew.some((one) => Math.abs(at - one) < TIMEOUT_MS) ||
      lost.some((one) => one.name === program.name && at <= one.at && one.at - at < UNAWARE_MS)
    );
    return runs.length > 1 && !excused ? [call] : [];
  });
}
