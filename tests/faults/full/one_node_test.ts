// The fault matrix on one node behind a proxy, with a few thousand calls a row.
import { Arena, FULL } from "../arena.ts";
import { judge } from "../oracle.ts";
import {
  blackHole,
  brokerDownAtStart,
  brokerKilled,
  cutBeforeCommit,
  longBlackHole,
  type MakeRow,
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

let arena: Arena;

Deno.test.beforeAll(async () => {
  arena = await Arena.start();
});

// What a failed row has left behind is not the next one's.
Deno.test.beforeEach(async () => {
  if (!arena.node.up) await arena.back();
  await arena.proxy.heal();
});

Deno.test.afterAll(async () => {
  await arena[Symbol.asyncDispose]();
});

function row(name: string, make: MakeRow): void {
  Deno.test(name, () => judge(make(arena, FULL)));
}

row("requests that are cut before the broker has them cost no call", resetBeforeProduce);
row("a cut acknowledgement costs no call and runs no command twice", resetBeforeAcknowledgement);
row("a server that is cut off before its commit runs no command twice", cutBeforeCommit);
row("connections that swallow everything for 2 s cost no call", blackHole);
row("connections that swallow everything for 15 s cost no call", longBlackHole);
row("a slow network costs no call", slow);
row("a network of single bytes costs no call", slices);

row("a broker that is killed and comes back costs no call", brokerKilled);
row("a broker that comes later than its users costs no call", brokerDownAtStart);
row("a client without calls leaves the processor alone while no broker is there", idleWhileAway);
row("a broker that hangs for 5 s costs no call", suspended(5));
row("a broker that hangs for 60 s costs no call whose deadline outlasts it", suspended(60));

row("a server that is killed in the middle of a command costs no call", serverKilledMidCommand);
row("a server that is killed before its commit costs no call", serverKilledBeforeCommit);
row("clients that are killed cost nobody else anything", clientKilled);
row("servers that come and go cost no call and run no command twice", serversComeAndGo);

row("topics that are deleted and recreated are used again", topicsDeleted);
row("partitions that are added are served at once", partitionsAdded);
row("a broker with too few replicas costs no call that outlasts it", tooFewReplicas);
row("a topic that takes no such records says so, until it does", tooLarge);

row("a client whose clock is ahead gets its answers", clockShifted(10_000, 5_000, "ok"));
row(
  "a client whose clock is behind by less than its deadline gets its answers",
  clockShifted(-10_000, 20_000, "ok"),
);
row(
  "a client whose clock is behind by more than its deadline is told so at once",
  clockShifted(-10_000, 5_000, "deadline_exceeded"),
);
