/**
 * 1, 10 and 50 clients beside one server, with as many partitions as topics get by default.
 *
 * @module
 */
import type { Table } from "../report/results.ts";
import { measureCrowds } from "./crowds.ts";
import type { SectionPlace } from "./section.ts";

/** Measures them. */
export async function clients(place: SectionPlace): Promise<Omit<Table, "section">[]> {
  const counts = place.quick ? [1, 50] : [1, 10, 50];
  const plans = counts.map((count) => ({
    contestant: "in process (kafkajs)",
    name: count === 1 ? "1 client" : `${count} clients`,
    clients: count,
  }));
  return [await measureCrowds("Clients, with the partitions of the defaults", plans, place)];
}
