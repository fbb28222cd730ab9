// How far a group has come.
import type { Bounds } from "../transport.ts";
import type { Cluster, TransportParts } from "./cluster.ts";
import { askCoordinator } from "./coordinator.ts";
import { throwFailure } from "./errors.ts";
import type { TopicPartition } from "./port.ts";

/** Offset of the next record that it has to consume; undefined where that can't be found out. */
export async function committed(
  parts: TransportParts,
  { group, topic, partition }: TopicPartition & { readonly group: string },
  bounds: Bounds = {},
): Promise<bigint | undefined> {
  const asked = { ...bounds, group, what: `ask what the group ${group} has committed` };
  try {
    return await askCoordinator(parts, asked, async (signal) => {
      const request = { group, partitions: [{ topic, partition }] };
      const [offset] = await offsetsOf(parts.cluster, request, signal);
      return offset ?? 0n;
    });
  } catch (error) {
    bounds.signal?.throwIfAborted();
    parts.logger.debug("what a group has committed cannot be found out", { group, topic, error });
    return undefined;
  }
}

/** What its coordinator has for these partitions; 0 where nothing is committed. */
export async function offsetsOf(
  cluster: Cluster,
  request: { readonly group: string; readonly partitions: readonly TopicPartition[] },
  signal: AbortSignal,
): Promise<readonly bigint[]> {
  const { group } = request;
  const coordinator = await cluster.coordinator(group, { signal, purpose: "DescribeGroups" });
  const answer = await cluster.questions.send(coordinator, "OffsetFetch", request, { signal });
  for (const item of [answer, ...answer.partitions]) {
    throwFailure("DescribeGroups", `group ${group}`, item);
  }
  return answer.partitions.map(({ offset }) => offset > 0n ? offset : 0n);
}
