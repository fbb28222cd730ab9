import { assertEquals } from "@std/assert";
import type { CommandPolicy } from "../../../src/contract/policy.ts";
import { silentLogger } from "../../../src/logging/logger.ts";
import { noCounts } from "../../../src/server/counts.ts";
import type { IncomingCall } from "../../../src/server/incoming_call.ts";
import { admission } from "../../../src/server/policies/admission.ts";
import { Scheduler } from "../../../src/server/scheduler.ts";
import { serverSettings } from "../../../src/server/settings.ts";
import { RpcError } from "../../../src/wire/errors.ts";
import type { Outcome } from "../../../src/wire/outcome.ts";
import { policiesOf } from "./policies_of.ts";
import { codeOf, endOf, incomingCallOf, RAN, settled } from "./incoming_call_of.ts";

/** Admission to one slot, before a handler that waits for the test. */
function open(
  options: {
    queueMs?: number;
    certain?: () => Promise<void> | undefined;
    concurrency?: number;
    policies?: Readonly<Record<string, CommandPolicy>>;
  } = {},
) {
  const { queueMs, certain = () => undefined } = options;
  const settings = serverSettings({
    commands: { add: () => 0 },
    concurrency: options.concurrency ?? 1,
    limits: { queueMs, timeoutMs: 1_000 },
  });
  const counts = noCounts();
  const policies = policiesOf(settings.limits, options.policies);
  const scheduler = new Scheduler({
    settings,
    policies,
    certain,
    isExpression: () => false,
    logger: silentLogger,
  });
  const gate = Promise.withResolvers<Outcome>();
  const { seen, handler } = endOf(() => gate.promise);
  const admit = admission(scheduler, counts)(handler);
  const handle = (call: IncomingCall) =>
    settled(admit, { ...call, policy: policies.of(call.command) });
  return { counts, scheduler, gate, seen, handle };
}

Deno.test("a call with a free slot runs, and gives the slot back", async () => {
  const { handle, gate, counts } = open();
  gate.resolve(RAN);
  const codes = [codeOf(await handle(incomingCallOf())), codeOf(await handle(incomingCallOf()))];
  assertEquals([codes, counts.running, counts.waiting], [["ok", "ok"], 0, 0]);
});

Deno.test("the deadline that a command sees is that of limits.timeoutMs, where it is nearer", async () => {
  const { handle, gate, seen } = open();
  gate.resolve(RAN);
  await handle(incomingCallOf());
  assertEquals(seen[0]!.deadline <= Date.now() + 1_000, true);
});

Deno.test("a call that can't start in time is shed", async () => {
  const { handle, gate, counts } = open({ queueMs: 1 });
  const first = handle(incomingCallOf());
  const code = codeOf(await handle(incomingCallOf()));
  gate.resolve(RAN);
  await first;
  assertEquals([code, counts.shed], ["resource_exhausted", 1]);
});

Deno.test("a call that waits while its partition goes is released", async () => {
  const { handle, gate, scheduler, seen } = open();
  const first = handle(incomingCallOf());
  const waiting = incomingCallOf();
  const handling = handle(waiting);
  scheduler.evict();
  await handling;
  gate.resolve(RAN);
  await first;
  assertEquals([waiting.ending.fate, seen.length], ["released", 1]);
});

Deno.test("a call does not start before the partition is certain", async () => {
  const certain = Promise.withResolvers<void>();
  let wait: Promise<void> | undefined = certain.promise;
  const { handle, gate, seen } = open({ certain: () => wait });
  gate.resolve(RAN);
  const handling = handle(incomingCallOf());
  const before = seen.length;
  wait = undefined;
  certain.resolve();
  await handling;
  assertEquals([before, seen.length], [0, 1]);
});

Deno.test("a call that is aborted fails with the reason, and does not run", async () => {
  const { handle, seen } = open();
  const call = incomingCallOf();
  call.ending.abort(new RpcError("canceled", "Cannot go on."));
  assertEquals([codeOf(await handle(call)), seen.length], ["canceled", 0]);
});

Deno.test("a command has no more runs at a time than its policy says", async () => {
  const { handle, gate, counts } = open({ concurrency: 5, policies: { add: { concurrency: 1 } } });
  const calls = [handle(incomingCallOf()), handle(incomingCallOf())];
  assertEquals([counts.running, counts.waiting], [1, 1]);
  gate.resolve(RAN);
  assertEquals((await Promise.all(calls)).map(codeOf), ["ok", "ok"]);
});

Deno.test("a command that has all its runs keeps no other one from running", async () => {
  const { handle, gate, counts } = open({ concurrency: 5, policies: { add: { concurrency: 1 } } });
  const calls = [
    handle(incomingCallOf()),
    handle(incomingCallOf()),
    handle(incomingCallOf({ command: "sub" })),
  ];
  assertEquals([counts.running, counts.waiting], [2, 1]);
  gate.resolve(RAN);
  await Promise.all(calls);
});

Deno.test("a call that waits for a run of its command is released at a rebalance", async () => {
  const { handle, gate, scheduler } = open({
    concurrency: 5,
    policies: { add: { concurrency: 1 } },
  });
  const first = handle(incomingCallOf());
  const call = incomingCallOf();
  const waiting = handle(call);
  scheduler.evict();
  await waiting;
  gate.resolve(RAN);
  await first;
  assertEquals(call.ending.fate, "released");
});

Deno.test("calls of a higher priority go first, those of one priority in their order", async () => {
  const { handle, gate, seen } = open({
    policies: { high: { priority: 1 }, low: { priority: -1 } },
  });
  const commands = ["add", "low", "a", "high", "b"];
  const calls = commands.map((command) => handle(incomingCallOf({ command })));
  gate.resolve(RAN);
  await Promise.all(calls);
  assertEquals(seen.map(({ command }) => command), ["add", "high", "a", "b", "low"]);
});

Deno.test("a command that may run for a shorter time sees the nearer deadline", async () => {
  const { handle, gate, seen } = open({ policies: { add: { timeoutMs: 50 } } });
  gate.resolve(RAN);
  await handle(incomingCallOf());
  assertEquals(seen[0]!.deadline <= Date.now() + 50, true);
});

Deno.test("a reply is sent until the deadline of its caller, where that of the command is nearer", async () => {
  const { handle, gate } = open({ policies: { add: { timeoutMs: 50 } } });
  gate.resolve(RAN);
  const call = incomingCallOf();
  const { deadline } = call;
  await handle(call);
  assertEquals(call.ending.replyUntil, deadline);
});
