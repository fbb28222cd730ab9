// Where a log begins and ends.
import { leaderOf, type TopicMetadata } from "./cluster.ts";
import { throwFailure } from "./errors.ts";
import type { Lane } from "./lane.ts";
import { ConnectionFailed, LATEST } from "./port.ts";

/** What is asked, and of which node: Unix milliseconds, or `LATEST` or `EARLIEST`. */
interface OffsetQuestion {
  readonly leader: number;
  readonly topic: string;
  readonly timestamp: bigint;
}

/** Of Unix milliseconds; a negative number would stand for an end of the log. */
export function timestampOf(unixMs: number): bigint {
  return BigInt(Math.max(0, Math.floor(unixMs)));
}

/** Asks for one offset; undefined where no record is that young. */
export async function listOffset(
  lane: Lane,
  { partition, ...question }: OffsetQuestion & { readonly partition: number },
  signal: AbortSignal,
): Promise<bigint | undefined> {
  const offsets = await listOffsets(lane, { ...question, partitions: [partition] }, signal);
  return offsets.get(partition);
}

/** Asks for the offsets of partitions with one leader, by partition; a failure of one is one of all. */
async function listOffsets(
  lane: Lane,
  { leader, topic, partitions, timestamp }: OffsetQuestion & {
    readonly partitions: readonly number[];
  },
  signal: AbortSignal,
): Promise<ReadonlyMap<number, bigint | undefined>> {
  const request = {
    partitions: partitions.map((partition) => ({ topic, partition, timestamp })),
  };
  const answer = await lane.send(leader, "ListOffsets", request, { signal });
  return new Map(partitions.map((partition) => {
    const item = answer.partitions.find((one) => one.partition === partition);
    if (item === undefined) {
      throw new ConnectionFailed("protocol", `an answer without ${topic}[${partition}]`);
    }
    throwFailure("ListOffsets", `topic ${topic}`, item);
    return [partition, item.offset < 0n ? undefined : item.offset];
  }));
}

/** Asks for the ends of all partitions of a topic, and for their first offsets at a time. */
export async function offsetsAt(
  lane: Lane,
  found: TopicMetadata,
  { timestamp, signal }: { readonly timestamp: bigint; readonly signal: AbortSignal },
): Promise<{ partition: number; end: bigint; first: bigint | undefined }[]> {
  const { topic } = found;
  const numbers = found.partitions.map(({ partition }) => partition);
  const led = Map.groupBy(numbers, (partition) => leaderOf(found, partition));
  const asked = [...led].map(async ([leader, partitions]) => {
    const ask = (timestamp: bigint) =>
      listOffsets(lane, { leader, topic, partitions, timestamp }, signal);
    const ends = await ask(LATEST);
    const firsts = timestamp === LATEST ? ends : await ask(timestamp);
    return partitions.map((partition) => {
      return { partition, end: ends.get(partition) ?? 0n, first: firsts.get(partition) };
    });
  });
  return (await Promise.all(asked)).flat();
}
