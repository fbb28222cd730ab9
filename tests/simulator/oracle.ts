/**
 * What must hold, whatever struck.
 *
 * @module
 */
import { RPC_CODES } from "@kafka-rpc/deno";
import { type Outcome, TIMEOUT_MS } from "./calls.ts";
import type { Strike } from "./faults.ts";
import type { Servers } from "./servers.ts";

/** How much later than its deadline a call may settle. */
const GRACE_MS = 250;
/** After a fault calls succeed again within this time. */
const RECOVERY_MS = 2_000;
/** An interruption has to do with what was begun so long before it. */
const HALF_DONE_MS = 2_000;

/** A fault, and for how long failures may be its. */
export interface Struck extends Strike {
  readonly begunAt: number;
  readonly endedAt: number;
  /** Longer than usual, for the session of a dead member. */
  readonly sessionMs: number;
}

/** What became of a run. */
export interface Result {
  readonly outcomes: readonly Outcome[];
  readonly expected: number;
  readonly struck: readonly Struck[];
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
  const { outcomes, expected, servers } = result;
  const broken: string[] = [];
  const count = (what: string, wrong: (outcome: Outcome) => boolean) => {
    const found = outcomes.filter(wrong);
    const [example] = found;
    if (example === undefined) return;
    broken.push(
      `${found.length} ${what}, as ${example.call}: ${example.status} ${example.message}`,
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
  count("failed without an excuse", (o) => o.status !== "ok" && !isExcused(o, result));
  const late = servers.executions.filter((execution) => execution.late > 0);
  if (late.length > 0) broken.push(`${late.length} commands began after their deadline`);
  const twice = executedTwice(result);
  if (twice.length > 0) broken.push(`${twice.length} calls ran twice, as ${twice[0]}`);
  return broken;
}

/** A call that overlaps a fault, or the time that the recovery may take, may fail for it. */
function isExcused({ status, begunAt, settledAt }: Outcome, { struck }: Result): boolean {
  if (
    status !== "deadline_exceeded" && status !== "unavailable" && status !== "resource_exhausted"
  ) {
    return false;
  }
  return struck.some((one) => {
    return settledAt >= one.begunAt && begunAt <= one.endedAt + one.sessionMs + RECOVERY_MS;
  });
}

/** Where a server ended or was left behind by its group, what it had begun may run again. */
function executedTwice({ servers, lost }: Result): string[] {
  const byCall = Map.groupBy(servers.executions, ({ call }) => call);
  return [...byCall].flatMap(([call, runs]) => {
    const excused = runs.slice(0, -1).every(({ program, at }) =>
      servers.interrupted.some((one) =>
        one.program === program && at <= one.at && one.at - at < HALF_DONE_MS
      ) ||
      lost.some((one) => one.name === program.name && at <= one.at)
    );
    return runs.length > 1 && !excused ? [call] : [];
  });
}
