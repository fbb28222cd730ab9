// The protocol groups by topic what the port has in one flat list.
import type { TopicPartition } from "./port.ts";

/** Groups a flat list by topic, in the order of their first partitions. */
export function byTopic<P extends TopicPartition, T>(
  partitions: readonly P[],
  item: (partition: P) => T,
): { readonly topic: string; readonly partitions: T[] }[] {
  const topics = Map.groupBy(partitions, ({ topic }) => topic);
  return [...topics].map(([topic, partitions]) => ({ topic, partitions: partitions.map(item) }));
}
