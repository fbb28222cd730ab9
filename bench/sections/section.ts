/**
 * One part of the bench.
 *
 * @module
 */
import type { Place } from "../lanes/start_lanes.ts";
import type { Table } from "../report/results.ts";

/** What a section is run with. */
export interface SectionPlace extends Place {
  /** Shorter, with rougher figures. */
  readonly quick: boolean;
  /** Process ids of the broker's nodes; none where it runs elsewhere. */
  readonly brokerPids: readonly number[];
}

/** Makes its tables. */
export type Section = (place: SectionPlace) => Promise<Omit<Table, "section">[]>;
