// The short set of the fault matrix: one node behind a proxy, a few hundred calls a row.
import { Arena, SHORT } from "./arena.ts";
import { judge } from "./oracle.ts";
import {
  blackHole,
  brokerKilled,
  cutBeforeCommit,
  type MakeRow,
  resetBeforeAcknowledgement,
  resetBeforeProduce,
} from "./rows_connection.ts";
import { serverKilledMidCommand } from "./rows_process.ts";

let arena: Arena;

Deno.test.beforeAll(async () => {
  arena = await Arena.start();
});

Deno.test.afterAll(async () => {
  await arena[Symbol.asyncDispose]();
});

function row(name: string, make: MakeRow): void {
  Deno.test(name, () => judge(make(arena, SHORT)));
}

row("requests that are cut before the broker has them cost no call", resetBeforeProduce);
row("a cut acknowledgement costs no call and runs no command twice", resetBeforeAcknowledgement);
row("a server that is cut off before its commit runs no command twice", cutBeforeCommit);
row("a server that is killed in the middle of a command costs no call", serverKilledMidCommand);
row("a broker that is killed and comes back costs no call", brokerKilled);
row("connections that swallow everything cost no call", blackHole);
