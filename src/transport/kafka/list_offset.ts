// Where a log begins and ends.
import { throwFailure } from "./errors.ts";
import type { Lane } from "./lane.ts";
import { ConnectionFailed, type TopicPartition } from "./port.ts";

/** What is asked, and of which node: Unix milliseconds, or `LATEST` or `EARLIEST`. */
interface OffsetQuestion extends TopicPartition {
  readonly leader: number;
  readonly timestamp: bigint;
}

/** Asks for one offset; undefined where no record is that young. */
export async function listOffset(
  lane: Lane,
  { leader, topic, partition, timestamp }: OffsetQuestion,
  signal: AbortSignal,
): Promise<bigint | undefined> {
  const request = { partitions: [{ topic, partition, timestamp }] };
  const { partitions: [item] } = await lane.send(leader, "ListOffsets", request, { signal });
  if (item === undefined) {
    throw new ConnectionFailed("protocol", `an answer without ${topic}[${partition}]`);
  }
  throwFailure("ListOffsets", `topic ${topic}`, item);
  return item.offset < 0n ? undefined : item.offset;
}
