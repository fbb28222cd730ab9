// Records of the commands topic that the servers have not committed.
import { ClusterAdmin } from "../../transport/kafka/admin/cluster_admin.ts";
import type { RecordLog } from "../../transport/kafka/record_log.ts";
import type { Connection } from "../connection.ts";

const ASK_MS = 2_000;

/** By partition; undefined where they may not be asked for, or nobody answers in time. */
export async function lagsOf(
  log: RecordLog,
  { topic, group, options }: Connection,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, number> | undefined> {
  // A connection that has ended since is no use: a new one each time.
  using admin = new ClusterAdmin(options);
  const within = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
  try {
    const ends = await log.offsets(topic, "end", within);
    const partitions = [...ends.keys()];
    const committed = await admin.committed(group, { topic, partitions }, within);
    return new Map(
      [...ends].map(([partition, end]) => {
        // Without a commit its servers have not seen any.
        return [partition, Number(end - (committed.get(partition) ?? end))];
      }),
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error) return undefined; // shown as "-": the rest does not need it
    throw error;
  }
}
