// How far a group has come in a partition.
import type { TransportParts } from "./cluster.ts";
import { judge, throwFailure } from "./errors.ts";
import type { TopicPartition } from "./port.ts";
import { untilStarted } from "./start.ts";

const ANSWER_MS = 2_000;

/** Offset of the next record that it has to consume; undefined where that can't be found out. */
export async function committed(
  { cluster, closing, logger }: TransportParts,
  group: string,
  { topic, partition }: TopicPartition,
): Promise<bigint | undefined> {
  const ask = async (signal: AbortSignal) => {
    try {
      const coordinator = await cluster.coordinator(group, { signal, purpose: "OffsetFetch" });
      const request = { group, partitions: [{ topic, partition }] };
      const answer = await cluster.questions.send(coordinator, "OffsetFetch", request, { signal });
      for (const item of [answer, ...answer.partitions]) {
        throwFailure("OffsetFetch", `group ${group}`, item);
      }
      const offset = answer.partitions[0]?.offset ?? -1n;
      return offset < 0n ? 0n : offset;
    } catch (failure) {
      if (judge(failure, "running").refreshes !== undefined) cluster.forgetCoordinator(group);
      throw failure;
    }
  };
  try {
    const what = `ask what the group ${group} has committed`;
    return await untilStarted(ask, { what, timeoutMs: ANSWER_MS, closing });
  } catch (error) {
    logger.debug("what a group has committed cannot be found out", { group, topic, error });
    return undefined;
  }
}
