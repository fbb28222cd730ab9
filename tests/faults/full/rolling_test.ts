// The fault matrix on one node: programs of an earlier revision beside those of this one.
import type { ScratchFolder } from "../../scratch_folder.ts";
import { Arena } from "../arena.ts";
import { BEFORE_THE_CORE, checkOut } from "../earlier_revision.ts";
import { judge } from "../oracle.ts";
import { openForAll, SHARED } from "../opening.ts";
import { earlierClient, rolledBackAndForth } from "../rows_rolling.ts";

let arena: Arena;
let old: ScratchFolder;

openForAll(async (opened) => {
  arena = opened.use(await Arena.start());
  old = opened.use(await checkOut(BEFORE_THE_CORE));
});

Deno.test(
  "servers of an earlier revision and of this one replace each other and cost no call",
  SHARED,
  async () => {
    await judge(rolledBackAndForth({ brokers: arena.brokers, old }));
  },
);

Deno.test(
  "a client of an earlier revision is answered by a server of this one",
  SHARED,
  async () => {
    await judge(earlierClient({ brokers: arena.brokers, old }));
  },
);
