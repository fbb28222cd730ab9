// The fault matrix on one node behind a proxy, with a few thousand calls a row.
import { FULL } from "../arena.ts";
import { ArenaRows } from "../opening.ts";
import {
  blackHole,
  brokerDownAtStart,
  brokerKilled,
  cutBeforeCommit,
  longBlackHole,
  resetBeforeAcknowledgement,
  resetBeforeProduce,
  slices,
  slow,
  suspended,
} from "../rows_connection.ts";
import {
  clientKilled,
  clockShifted,
  idleWhileAway,
  serverKilledBeforeCommit,
  serverKilledMidCommand,
  serversComeAndGo,
} from "../rows_process.ts";
import { partitionsAdded, tooFewReplicas, tooLarge, topicsDeleted } from "../rows_topic.ts";

const rows = new ArenaRows(FULL);

rows.row("requests that are cut before the broker has them cost no call", resetBeforeProduce);
rows.row(
  "a cut acknowledgement costs no call and runs no command twice",
  resetBeforeAcknowledgement,
);
rows.row("a server that is cut off before its commit runs no command twice", cutBeforeCommit);
rows.row("connections that swallow everything for 2 s cost no call", blackHole);
rows.row("connections that swallow everything for 15 s cost no call", longBlackHole);
rows.row("a slow network costs no call", slow);
rows.row("a network of single bytes costs no call", slices);

rows.row("a broker that is killed and comes back costs no call", brokerKilled);
rows.row("a broker that comes later than its users costs no call", brokerDownAtStart);
rows.row(
  "a client without calls leaves the processor alone while no broker is there",
  idleWhileAway,
);
rows.row("a broker that hangs for 5 s costs no call", suspended(5));
rows.row("a broker that hangs for 60 s costs no call whose deadline outlasts it", suspended(60));

rows.row(
  "a server that is killed in the middle of a command costs no call",
  serverKilledMidCommand,
);
rows.row("a server that is killed before its commit costs no call", serverKilledBeforeCommit);
rows.row("clients that are killed cost nobody else anything", clientKilled);
rows.row("servers that come and go cost no call and run no command twice", serversComeAndGo);

rows.row("topics that are deleted and recreated are used again", topicsDeleted);
rows.row("partitions that are added are served at once", partitionsAdded);
rows.row("a broker with too few replicas costs no call that outlasts it", tooFewReplicas);
rows.row("a topic that takes no such records says so, until it does", tooLarge);

rows.row("a client whose clock is ahead gets its answers", clockShifted(10_000, 5_000, "ok"));
rows.row(
  "a client whose clock is behind by less than its deadline gets its answers",
  clockShifted(-10_000, 20_000, "ok"),
);
rows.row(
  "a client whose clock is behind by more than its deadline is told so at once",
  clockShifted(-10_000, 5_000, "deadline_exceeded"),
);
