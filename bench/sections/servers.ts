/**
 * One client and 1, 2 and 4 servers, each in a process of its own. On a machine with few cores more
 * servers are no faster: they show what sharing costs.
 *
 * @module
 */
import type { ContestantName } from "../contestants/contestants.ts";
import { measureMemory, measureRounds, roundsOf } from "../lanes/rounds.ts";
import { type LanePlan, startLanes } from "../lanes/start_lanes.ts";
import type { Table } from "../report/results.ts";
import type { SectionPlace } from "./section.ts";

/** Measures them. */
export async function servers(place: SectionPlace): Promise<Omit<Table, "section">[]> {
  const { quick } = place;
  const contestants: ContestantName[] = ["in process (kafkajs)", "process (kafkajs)"];
  const counts = quick ? [1, 2] : [1, 2, 4];
  await using parts = new AsyncDisposableStack();
  const plans = (quick ? contestants.slice(0, 1) : contestants).flatMap((contestant) =>
    counts.map((count): LanePlan => {
      const name = `${contestant}, ${count} ${count === 1 ? "server" : "servers"}`;
      return { contestant, name, servers: count };
    })
  );
  const lanes = await startLanes(plans, { ...place, parts });
  const burst = quick ? 2_000 : 10_000;
  const plan = { rounds: quick ? 1 : 3, blocks: quick ? 1 : 2, burst: () => burst };
  const measured = await measureRounds(lanes, plan);
  await measureMemory(measured);
  const each = roundsOf(plan.rounds, plan.blocks, burst);
  return [{ title: `Servers, each in its own process: ${each}`, rows: measured.map((m) => m.row) }];
}
