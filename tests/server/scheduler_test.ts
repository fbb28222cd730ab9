import { assertEquals } from "@std/assert";
import { silentLogger } from "../../src/logging/logger.ts";
import { Scheduler } from "../../src/server/scheduler.ts";
import type { SlotResult } from "../../src/server/slots.ts";
import { serverSettings } from "../../src/server/settings.ts";
import { ManualClock } from "../manual_clock.ts";
import { incomingCallOf } from "./policies/incoming_call_of.ts";
import { policiesOf } from "./policies/policies_of.ts";

Deno.test("a command with runs of its own waits no longer than queueMs, for them and for a slot", async () => {
  using clock = new ManualClock();
  const queueMs = 100;
  const policies = policiesOf({ queueMs }, { add: { concurrency: 1 } });
  const scheduler = new Scheduler({
    settings: serverSettings({ commands: { a: () => 0 }, concurrency: 1, limits: { queueMs } }),
    policies,
    isExpression: () => false,
    certain: () => undefined,
    logger: silentLogger,
  });
  const call = (command: string) =>
    incomingCallOf({ command, deadline: Infinity, policy: policies.of(command) });
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
