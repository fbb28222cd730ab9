// The fault matrix of calls to every server and of submitted calls, on one node behind a proxy.
import { SHORT } from "../arena.ts";
import { ArenaRows } from "../opening.ts";
import { gatherBrokerKilled, gatherServerKilled, submittedOutlives } from "../rows_calls.ts";

const rows = new ArenaRows(SHORT);

rows.row(
  "a server that is killed is missing in calls to all, and holds up none",
  gatherServerKilled,
);
rows.row("calls to all fail while the broker is away, and reach all after it", gatherBrokerKilled);
rows.row("a submitted call outlives its caller and the broker, and runs once", submittedOutlives);
