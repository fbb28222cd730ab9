/**
 * Records that others write, and what becomes of topics.
 *
 * @module
 */
import { CONTROL, encodeBatch, endMarker, TRANSACTIONAL } from "./batch.ts";
import { CODE } from "./codes.ts";
import type { Fault, Stage } from "./stage.ts";
import type { PartitionLog } from "./log.ts";

const TOPICS = ["commands", "commands_results"];
const MOST_PARTITIONS = 6;
/** A group sees a new partition after so long: its leader looks every second, at what is three old. */
const NOTICED_MS = 6_000;

const STRANGE = { key: null, value: Uint8Array.of(1, 2, 3), headers: {} };

function eachLog({ world }: Stage, change: (log: PartitionLog, timestamp: number) => void): void {
  for (const log of TOPICS.flatMap((topic) => world.cluster.topics.logs(topic))) {
    change(log, world.clock.wallTime());
  }
}

/** Bytes whose checksum is wrong: no reader can use them, and none may stop at them. */
function broken(log: PartitionLog, timestamp: number): Uint8Array {
  const batch = encodeBatch({ baseOffset: log.nextOffset, timestamp, records: [STRANGE] });
  batch[17]! ^= 0xff;
  return batch;
}

/** All kinds. */
export const RECORD_FAULTS: readonly Fault[] = [
  {
    name: "transactions of others",
    mostMs: 5_000,
    strike(stage) {
      eachLog(stage, (log, timestamp) => void log.append([STRANGE], timestamp, TRANSACTIONAL));
      const end = stage.world.clock.random() < 0.5 ? "commit" : "abort";
      return () =>
        eachLog(stage, (log, timestamp) => {
          log.append([endMarker(end)], timestamp, TRANSACTIONAL | CONTROL);
        });
    },
  },
  {
    name: "unreadable batches",
    mostMs: 0,
    strike(stage) {
      eachLog(stage, (log, timestamp) => log.appendBytes(broken(log, timestamp), 1, timestamp));
      return () => {};
    },
  },
  {
    name: "records deleted",
    mostMs: 0,
    strike({ world: { cluster } }) {
      cluster.topics.logs("commands").forEach((log, partition) => {
        const offset = cluster.groups.committed("commands-servers", "commands", partition);
        if (offset > log.startOffset) log.deleteBefore(offset);
      });
      return () => {};
    },
  },
  {
    name: "a partition more, and the coordinator loads",
    mostMs: 3_000,
    strike({ world: { cluster, clock }, incidents, servers }) {
      const { length } = cluster.topics.logs("commands");
      // Before the first program has created it there is none.
      if (length === 0 || length >= MOST_PARTITIONS) return () => {};
      incidents.add("a partition more", NOTICED_MS);
      servers.sharedOutAnew.push(clock.now());
      cluster.topics.addPartition("commands");
      cluster.groups.joinError = CODE.coordinatorLoading;
      return () => void (cluster.groups.joinError = 0);
    },
  },
];
