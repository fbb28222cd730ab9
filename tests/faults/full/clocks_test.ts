// The fault matrix on one node: clocks that step, and servers that stand still.
import { Arena, FULL } from "../arena.ts";
import { judge } from "../oracle.ts";
import {
  clientHoursAhead,
  serverClockSteps,
  serverHoursAhead,
  serverSuspended,
} from "../rows_clocks.ts";
import type { MakeRow } from "../rows_connection.ts";

let arena: Arena;

Deno.test.beforeAll(async () => {
  arena = await Arena.start();
});

Deno.test.afterAll(async () => {
  await arena[Symbol.asyncDispose]();
});

function row(name: string, make: MakeRow): void {
  Deno.test(name, () => judge(make(arena, FULL)));
}

row("a server whose clock steps back runs no command twice", serverClockSteps(-600_000));
row(
  "a server whose clock steps ahead by less than a deadline costs no call",
  serverClockSteps(5_000),
);
row("a server that stands still starts nothing that another has answered", serverSuspended);
row("a client whose clock is hours ahead is told so at once", clientHoursAhead);
row("a server whose clock was hours ahead answers when it is right", serverHoursAhead);
