/**
 * Where the processor time of a burst goes. Its figures say why a goal is not reached: they are taken
 * while a profiler looks, and are not to be compared with those of other sections.
 *
 * @module
 */
import type { ContestantName } from "../contestants/contestants.ts";
import { startLane } from "../lanes/start_lanes.ts";
import { warmUp } from "../lanes/rounds.ts";
import { type Row, sample, type Table } from "../report/results.ts";
import { countOf, show } from "../report/text.ts";
import type { SectionPlace } from "./section.ts";

const CONTESTANTS: readonly ContestantName[] = [
  "transport (kafkajs)",
  "in process (kafkajs)",
  "process (kafkajs)",
  "in process (platformatic)",
];

/** Measures it. */
export async function profile(place: SectionPlace): Promise<Omit<Table, "section">[]> {
  const rounds = place.quick ? 2 : 5;
  const burst = place.quick ? 2_000 : 10_000;
  const tables: Omit<Table, "section">[] = [];
  for (const contestant of CONTESTANTS) {
    await using parts = new AsyncDisposableStack();
    const lane = await startLane({ contestant }, { ...place, parts });
    await warmUp([lane], () => burst);
    const rows = new Map<string, Row>();
    for (let round = 0; round < rounds; round++) {
      const spent = await lane.profile(burst);
      const whole = Object.values(spent).reduce((sum, micros) => sum + micros, 0);
      for (const [name, micros] of Object.entries(spent)) {
        const row = rows.get(name) ?? { name, samples: {} };
        rows.set(name, row);
        sample(row, "share", 100 * micros / whole);
        sample(row, "spent", micros / burst);
      }
    }
    const sizeOf = ({ samples }: Row) => Math.max(...samples.spent ?? []);
    tables.push({
      title: `Where a burst's time goes, ${contestant}: ${countOf(rounds, "round")} of ${
        show(burst)
      } calls, the caller's process`,
      rows: [...rows.values()].sort((a, b) => sizeOf(b) - sizeOf(a)),
    });
  }
  return tables;
}
