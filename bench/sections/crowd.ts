/**
 * What partitions cost with one client and with 50. It decides the numbers in
 * `src/transport/topic_shapes.ts`.
 *
 * @module
 */
import type { LanePlan } from "../lanes/start_lanes.ts";
import type { Table } from "../report/results.ts";
import { measureCrowds } from "./crowds.ts";
import type { SectionPlace } from "./section.ts";

const PARTITIONS = [
  { commands: 1, results: 1 },
  { commands: 4, results: 8 },
  { commands: 4, results: 32 },
  { commands: 12, results: 32 },
] as const;

/** Measures them. */
export async function crowd(place: SectionPlace): Promise<Omit<Table, "section">[]> {
  const shapes = place.quick ? PARTITIONS.slice(0, 1) : PARTITIONS;
  const plans = shapes.flatMap((partitions) =>
    [1, 50].map((clients): LanePlan => ({
      contestant: "in process (kafkajs)",
      name: `${partitions.commands}, ${partitions.results} × ${clients}`,
      clients,
      partitions,
    }))
  );
  return [await measureCrowds("Partitions of commands, of results × clients", plans, place)];
}
