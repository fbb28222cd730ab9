// How many records partitions got lately.
import { withDeadline } from "../../async/deadline.ts";
import { linkSignals } from "../../async/linked_signal.ts";
import type { RecentRecordsOptions } from "../transport.ts";
import { leaderOf, type TransportParts } from "./cluster.ts";
import { listOffset, timestampOf } from "./list_offset.ts";
import { LATEST } from "./port.ts";

/** Asks each leader twice, at once: where the partition ends, and where the young records begin. */
export async function recentRecords(
  { cluster, closing }: TransportParts,
  { topic, partitions, sinceMs, signal, timeoutMs }: RecentRecordsOptions,
): Promise<number[]> {
  using ending = linkSignals(closing, signal);
  const since = timestampOf(sinceMs);
  const count = async () => {
    const found = await cluster.topic(topic, { signal: ending.signal, purpose: "Fetch" });
    return await Promise.allSettled(partitions.map(async (partition) => {
      const leader = leaderOf(found, partition);
      const ask = (timestamp: bigint) =>
        listOffset(cluster.questions, { leader, topic, partition, timestamp }, ending.signal);
      const [end, young] = await Promise.all([ask(LATEST), ask(since)]);
      return young === undefined ? 0 : Math.max(0, Number((end ?? young) - young));
    }));
  };
  const counted = await withDeadline(count(), { signal: ending.signal, timeoutMs });
  // Without a leader a partition can't be read either; where none has one, the reason is of use.
  const failed = counted.filter((one) => one.status === "rejected");
  if (failed.length === counted.length) throw failed[0]?.reason;
  return counted.map((one) => one.status === "fulfilled" ? one.value : Infinity);
}
