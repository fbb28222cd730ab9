// The fault matrix on one node: clocks that step, and servers that stand still.
import { FULL } from "../arena.ts";
import { ArenaRows } from "../opening.ts";
import {
  clientHoursAhead,
  serverClockSteps,
  serverHoursAhead,
  serverSuspended,
} from "../rows_clocks.ts";

const rows = new ArenaRows(FULL);

rows.row("a server whose clock steps back runs no command twice", serverClockSteps(-600_000));
rows.row(
  "a server whose clock steps ahead by less than a deadline costs no call",
  serverClockSteps(5_000),
);
rows.row("a server that stands still starts nothing that another has answered", serverSuspended);
rows.row("a client whose clock is hours ahead is told so at once", clientHoursAhead);
rows.row("a server whose clock was hours ahead answers when it is right", serverHoursAhead);
