// The short set of the fault matrix: one node behind a proxy, a few hundred calls a row.
// Alone: the node ends behind the last row, and is put right before each.
import { SHORT } from "./arena.ts";
import { ArenaRows } from "./opening.ts";
import {
  blackHole,
  brokerKilled,
  cutBeforeCommit,
  resetBeforeAcknowledgement,
  resetBeforeProduce,
} from "./rows_connection.ts";
import { serverKilledMidCommand } from "./rows_process.ts";

const rows = new ArenaRows(SHORT);

rows.row("requests that are cut before the broker has them cost no call", resetBeforeProduce);
rows.row(
  "a cut acknowledgement costs no call and runs no command twice",
  resetBeforeAcknowledgement,
);
rows.row("a server that is cut off before its commit runs no command twice", cutBeforeCommit);
rows.row(
  "a server that is killed in the middle of a command costs no call",
  serverKilledMidCommand,
);
rows.row("a broker that is killed and comes back costs no call", brokerKilled);
rows.row("connections that swallow everything cost no call", blackHole);
