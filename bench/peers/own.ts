/**
 * What stands beside the peers: this package, and raw loops of both Kafka libraries.
 *
 * @module
 */
import type { ContestantName } from "../contestants/contestants.ts";
import type { LanePlan } from "../lanes/start_lanes.ts";

const STOCK = "a request a record, acks all";
const TUNED = "batches, linger 0, acks 1";
const OWN = "linger 0, acks all";

const plan = (contestant: ContestantName): LanePlan => ({ contestant });

/** By the name that `--only` takes. */
export const OWN_LANES: Readonly<Record<string, readonly LanePlan[]>> = {
  rpc: [
    plan("in process (kafkajs)"),
    plan("process (kafkajs)"),
    plan("in process (platformatic)"),
    plan("process (platformatic)"),
  ],
  kafkajs: [plan("raw loop, stock (kafkajs)"), plan("raw loop (kafkajs)")],
  platformatic: [plan("raw loop, stock (platformatic)"), plan("raw loop (platformatic)")],
};

/** Linger and acks of one of these. */
export function settingsOf(contestant: string): string {
  if (!contestant.startsWith("raw loop")) return OWN;
  return contestant.startsWith("raw loop, stock") ? STOCK : TUNED;
}
