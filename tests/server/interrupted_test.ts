// A call whose sandbox was ended for another one.
import { assertEquals } from "@std/assert";
import type { Executor } from "../../src/executor/executor.ts";
import { abortedBy } from "../../src/executor/sandbox.ts";
import type { Outcome } from "../../src/wire/outcome.ts";
import { ok } from "../pipeline/call_of.ts";
import { Counter } from "./counter.ts";

/** An executor whose first runs end so, and what it ran. */
async function runsOf(first: Outcome, idempotent: boolean): Promise<[string | undefined, number]> {
  let runs = 0;
  const executor: Executor = {
    commands: ["work"],
    policies: [["work", { idempotent }]],
    run: () => Promise.resolve(++runs === 1 ? first : ok("done")),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  await using counter = await Counter.open({ executor });
  const { status } = await counter.ask("work");
  return [status, runs];
}

const interrupted = { ...abortedBy("its sandbox was ended")("work"), logged: true } as Outcome;

Deno.test("an idempotent command whose sandbox was ended for another call runs again", async () => {
  assertEquals(await runsOf(interrupted, true), ["ok", 2]);
});

Deno.test("any other command whose sandbox was ended for another call is aborted", async () => {
  assertEquals(await runsOf(interrupted, false), ["aborted", 1]);
});

Deno.test("a command that fails with `aborted` by itself is not run again", async () => {
  assertEquals(await runsOf(abortedBy("it said so")("work"), true), ["aborted", 1]);
});
