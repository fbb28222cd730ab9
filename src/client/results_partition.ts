// Which partition of the results topic a client reads.
import { clock } from "../async/clock.ts";
import type { Logger } from "../logging/logger.ts";
import type { Bounds, Transport } from "../transport/transport.ts";

/** Records of so many milliseconds are the load of a partition. */
const LOAD_MS = 60_000;
/** The start does not wait longer for it: any partition will do. */
const ASK_MS = 1_000;

export interface PartitionOptions extends Bounds {
  readonly topic: string;
  /** How many partitions the topic has. */
  readonly count: number;
  readonly logger: Logger;
}

/**
 * Takes two partitions by chance, and of these the one with fewer records in the last minute.
 *
 * The least loaded one of all would draw every client of a fleet that starts at the same moment and
 * sees the same figures. Of two by chance the better one is nearly as good where the figures are
 * fresh, and no worse than chance where they are stale.
 * See M. Mitzenmacher, "How Useful Is Old Information?", IEEE TPDS 11 (2000).
 */
export async function resultsPartition(
  transport: Transport,
  options: PartitionOptions,
): Promise<number> {
  const { topic, count, logger, signal, timeoutMs = Infinity } = options;
  const first = Math.floor(clock.random() * count);
  if (count === 1 || transport.recentRecords === undefined) return first;
  // Another one than the first.
  const second = (first + 1 + Math.floor(clock.random() * (count - 1))) % count;
  const sinceMs = clock.wallTime() - LOAD_MS;
  try {
    const bounds = { signal, timeoutMs: Math.min(timeoutMs, ASK_MS) };
    const partitions = [first, second];
    const loads = await transport.recentRecords({ ...bounds, topic, partitions, sinceMs });
    const [one = 0, other = 0] = loads;
    logger.debug("load of two partitions of the results topic", { topic, partitions, loads });
    return other < one ? second : first;
  } catch (error) {
    signal?.throwIfAborted();
    logger.debug("the load of partitions is unknown, one is taken by chance", { topic, error });
    return first;
  }
}
