import { assertEquals } from "@std/assert";
import { silentLogger } from "../../src/logging/logger.ts";
import { Scheduler } from "../../src/server/scheduler.ts";
import type { IncomingCall } from "../../src/server/incoming_call.ts";
import type { SlotResult } from "../../src/server/slots.ts";
import { serverSettings } from "../../src/server/settings.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { ManualClock } from "../manual_clock.ts";
import { incomingCallOf } from "./policies/incoming_call_of.ts";
import { policiesOf } from "./policies/policies_of.ts";

const QUEUE_MS = 100;

/** One slot, of which `add` may have no more; and calls of any command. */
function oneAtATime() {
  const limits = { queueMs: QUEUE_MS };
  const policies = policiesOf(limits, { add: { concurrency: 1 } });
  const scheduler = new Scheduler({
    settings: serverSettings({ commands: { a: () => 0 }, concurrency: 1, limits }),
    policies,
    isExpression: () => false,
    certain: () => undefined,
    logger: silentLogger,
  });
  const call = (command: string) =>
    incomingCallOf({ command, deadline: Infinity, policy: policies.of(command) });
  return { scheduler, call };
}

Deno.test("a command with runs of its own waits no longer than queueMs, for them and for a slot", async () => {
  using clock = new ManualClock();
  const { scheduler, call } = oneAtATime();
  const reserve = (command: string) =>
    new Promise<SlotResult>((resolve) => scheduler.reserve(call(command), resolve));
  const first = reserve("add");
  const second = reserve("add");
  await clock.advance(90);
  // Takes the slot that the first gives back, so that the second has its run and no slot.
  const other = reserve("sub");
  assertEquals(await first, "go");
  scheduler.release(call("add"), 90);
  assertEquals(await other, "go");
  await clock.advance(20);
  const late = Promise.resolve("still waiting");
  assertEquals(await Promise.race([second, late]), "shed");
});

Deno.test("thousands whose command has a run, but no slot in time, are shed one after the other", () => {
  using clock = new ManualClock();
  const { scheduler, call } = oneAtATime();
  const ends: SlotResult[] = [];
  const reserve = (one: IncomingCall) => scheduler.reserve(one, (result) => ends.push(result));
  reserve(call("sub"));
  scheduler.release(call("sub"), QUEUE_MS);
  // It has the slot, and one that will take its time waits for that, before all that follow.
  reserve(call("sub"));
  reserve(call("sub"));
  const first = call("add");
  reserve(first);
  for (let n = 0; n < 5_000; n++) reserve(call("add"));
  clock.jump(2 * QUEUE_MS);
  first.ending.abort(new RpcError("canceled", "Cannot go on."));
  const shed = ends.filter((result) => result === "shed");
  scheduler.evict();
  assertEquals([shed.length, ends.length], [5_000, 5_004]);
});
