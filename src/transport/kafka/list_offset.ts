/**
 * Where a log begins and ends.
 *
 * @module
 */
import { throwFailure } from "./errors.ts";
import type { Lane } from "./lane.ts";
import { ConnectionFailed, type TopicPartition } from "./port.ts";

/** What is asked, and of whom. */
export interface OffsetQuestion extends TopicPartition {
  /** Node id of the partition's leader. */
  readonly leader: number;
  /** Unix milliseconds, or `LATEST` or `EARLIEST`. */
  readonly timestamp: bigint;
}

/**
 * Asks for one offset.
 *
 * @param signal Ends the wait.
 * @returns The offset; undefined where no record is that young.
 * @throws {KafkaFailure | ConnectionFailed} Where there is no answer.
 */
export async function listOffset(
  lane: Lane,
  question: OffsetQuestion,
  signal: AbortSignal,
): Promise<bigint | undefined> {
  const { leader, topic, partition, timestamp } = question;
  const request = { partitions: [{ topic, partition, timestamp }] };
  const { partitions: [item] } = await lane.send(leader, "ListOffsets", request, { signal });
  if (item === undefined) {
    throw new ConnectionFailed("protocol", `an answer without ${topic}[${partition}]`);
  }
  throwFailure("ListOffsets", `topic ${topic}`, item);
  return item.offset < 0n ? undefined : item.offset;
}
