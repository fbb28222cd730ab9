/**
 * What must hold for the calls of a row and for their executions.
 *
 * @module
 */
import { RPC_CODES } from "@kafka-rpc/deno";
import { GRACE_MS, type Outcome } from "./load.ts";
import type { Report } from "./report.ts";
import { RECOVERED_WITHIN_MS, type Row, type Scene } from "./row.ts";
import type { Execution } from "./work.ts";

/** What is wrong with the outcomes. Whatever broke, these hold. */
export function outcomeFaults(row: Row, scene: Scene): string[] {
  const { load, times } = scene;
  const faults: string[] = [];
  const recovered = load.firstSuccess(times.healed) ?? Infinity;
  const within = row.recoverWithinMs ?? RECOVERED_WITHIN_MS;
  if (recovered - times.healed > within) faults.push(`not recovered within ${within} ms`);
  const count = (what: string, wrong: (outcome: Outcome) => boolean) => {
    const found = load.outcomes.filter(wrong);
    const [example] = found;
    if (example) {
      faults.push(`${found.length} ${what}, as call ${example.call}: ${example.message}`);
    }
  };
  const typed = (status: string) => (RPC_CODES as readonly string[]).includes(status);
  const excused = (outcome: Outcome) => {
    const { status, deadline } = outcome;
    // With the deadline inside the fault, or in the moment that the recovery may take.
    const hopeless = (status === "deadline_exceeded" || status === "unavailable") &&
      deadline >= times.begun && deadline <= times.healed + within;
    return hopeless || (row.excuses?.(outcome, scene) ?? false);
  };
  if (load.open > 0) faults.push(`${load.open} calls without outcome`);
  count("wrong answers", ({ status }) => status === "wrong");
  count("untyped errors", ({ status }) => !["ok", "wrong"].includes(status) && !typed(status));
  const lateMs = Math.max(...load.outcomes.map((o) => Math.round(o.settledAt - o.deadline)));
  count(`settled up to ${lateMs} ms too late`, (o) => o.settledAt > o.deadline + GRACE_MS);
  count("failed without an excuse", (outcome) => typed(outcome.status) && !excused(outcome));
  return faults;
}

/** What is wrong with the executions, and the figures of all of it. */
export function conclude(
  row: Row,
  scene: Scene,
  found: { faults: string[]; ran: Execution[]; double: number },
): Report {
  const { load, times } = scene;
  const { faults, ran, double } = found;
  const byCall = Map.groupBy(ran, ({ call }) => call);
  const extra = ran.length - byCall.size;
  if (extra > (row.extra ?? 0)) faults.push(`${extra} extra executions`);
  if (double > 0) faults.push(`${double} replies settled twice`);
  const late = ran.map((execution) => execution.late).filter((milliseconds) => milliseconds > 0);
  if (late.length > 0) {
    faults.push(`${late.length} expired commands started, up to ${Math.max(...late)} ms too late`);
  }
  const unrun = load.outcomes.filter((o) => o.status === "ok" && !byCall.has(o.call)).length;
  if (unrun > 0) faults.push(`${unrun} answers without an execution`);
  const silent = load.outcomes.filter(({ status }) => status === "deadline_exceeded");
  if (silent.length > 0) {
    const executed = silent.filter(({ call }) => byCall.has(call)).length;
    scene.notes.push(`${executed} of those past their deadline were executed`);
  }
  const recovered = load.firstSuccess(times.healed);
  return {
    row: row.name,
    outcomes: load.outcomes,
    open: load.open,
    late: load.outcomes.filter((o) => o.settledAt > o.deadline + GRACE_MS).length,
    double,
    extra,
    recoveredMs: recovered === undefined ? undefined : recovered - times.healed,
    notes: [...scene.notes, ...load.lagMs > 100 ? [`own lag ${Math.round(load.lagMs)} ms`] : []],
    faults,
  };
}
