/**
 * Calls with values of 16 bytes to 900 kB, which come back as they were sent.
 *
 * @module
 */
import type { ContestantName } from "../contestants/contestants.ts";
import { type LanePlan, startLanes } from "../lanes/start_lanes.ts";
import { measureRounds } from "../lanes/rounds.ts";
import type { Table } from "../report/results.ts";
import { countOf, show } from "../report/text.ts";
import type { SectionPlace } from "./section.ts";

const SIZES = { "16 B": 16, "1 kB": 1_000, "100 kB": 100_000, "900 kB": 900_000 };
const CONTESTANTS: readonly ContestantName[] = [
  "raw loop (kafkajs)",
  "in process (kafkajs)",
  "process (kafkajs)",
  "in process (platformatic)",
];
/** Bytes of all values of a burst at most. */
const MOST_IN_FLIGHT = 20_000_000;
const MOST_CALLS = 5_000;

/** Measures them: a size after the other, the contestants of one in turn. */
export async function payloads(place: SectionPlace): Promise<Omit<Table, "section">[]> {
  const { quick } = place;
  const contestants = quick ? CONTESTANTS.slice(1, 2) : CONTESTANTS;
  const tables: Omit<Table, "section">[] = [];
  for (const [size, payloadBytes] of Object.entries(SIZES)) {
    await using parts = new AsyncDisposableStack();
    const plans = contestants.map((contestant): LanePlan => {
      return { contestant, name: `${contestant}, ${size}`, payloadBytes };
    });
    const lanes = await startLanes(plans, { ...place, parts });
    const count = Math.min(quick ? 1_000 : MOST_CALLS, Math.ceil(MOST_IN_FLIGHT / payloadBytes));
    const plan = { rounds: quick ? 1 : 3, blocks: 1, burst: () => count };
    const measured = await measureRounds(lanes, plan);
    tables.push({
      title: `${size} there and back: ${countOf(plan.rounds, "round")} of 100 calls, then ` +
        `${show(count)} at once`,
      rows: measured.map(({ row }) => row),
    });
  }
  return tables;
}
