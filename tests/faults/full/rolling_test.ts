// The fault matrix on one node: programs of an earlier revision beside those of this one.
import { Arena } from "../arena.ts";
import { BEFORE_THE_CORE, EarlierRevision } from "../earlier_revision.ts";
import { judge } from "../oracle.ts";
import { earlierClient, rolledBackAndForth } from "../rows_rolling.ts";

const opened = new AsyncDisposableStack();
let arena: Arena;
let old: EarlierRevision;

Deno.test.beforeAll(async () => {
  arena = opened.use(await Arena.start());
  old = opened.use(await EarlierRevision.checkOut(BEFORE_THE_CORE));
});

Deno.test.afterAll(async () => {
  await opened.disposeAsync();
});

Deno.test("servers of an earlier revision and of this one replace each other and cost no call", async () => {
  await judge(rolledBackAndForth({ brokers: arena.brokers, old }));
});

Deno.test("a client of an earlier revision is answered by a server of this one", async () => {
  await judge(earlierClient({ brokers: arena.brokers, old }));
});
