import { assertEquals } from "@std/assert";
import { Deadlines } from "../../src/async/deadlines.ts";
import { Ending } from "../../src/server/ending.ts";
import { type SlotRequest, type SlotResult, Slots } from "../../src/server/slots.ts";
import { RpcError } from "../../src/wire/errors.ts";

const request = (options: Partial<SlotRequest> = {}): SlotRequest => ({
  command: "c",
  deadline: Date.now() + 600_000,
  ending: new Ending(new Deadlines()),
  policy: { priority: 0 },
  ...options,
});

/** How the wait for a slot ends. */
function reserve(slots: Slots, one: SlotRequest, queueMs: number): Promise<SlotResult> {
  return new Promise((resolve) => slots.reserve(one, queueMs, resolve));
}

/** A command that runs at once, for so long. */
async function run(slots: Slots, command: string, tookMs: number): Promise<void> {
  await reserve(slots, request({ command }), 600_000);
  slots.release({ command, tookMs });
}

Deno.test("as many go at once as there are slots", async () => {
  const slots = new Slots(2);
  assertEquals(
    [await reserve(slots, request(), 600_000), await reserve(slots, request(), 600_000)],
    [
      "go",
      "go",
    ],
  );
});

Deno.test("the one who waits goes when a slot is given back", async () => {
  const slots = new Slots(1);
  await reserve(slots, request(), 600_000);
  const second = reserve(slots, request(), 600_000);
  slots.release({ command: "c", tookMs: 1 });
  assertEquals(await second, "go");
});

Deno.test("those who wait go in the order they came", async () => {
  const slots = new Slots(1);
  await reserve(slots, request(), 600_000);
  const order: number[] = [];
  const waiting = [1, 2, 3].map(async (n) => {
    await reserve(slots, request(), 600_000);
    order.push(n);
  });
  for (let i = 0; i < 3; i++) slots.release({ command: "c", tookMs: 1 });
  await Promise.all(waiting);
  assertEquals(order, [1, 2, 3]);
});

Deno.test("who can't start before the deadline is shed when it comes", async () => {
  const slots = new Slots(1);
  await reserve(slots, request(), 600_000);
  assertEquals(await reserve(slots, request({ deadline: Date.now() + 10 }), 600_000), "shed");
});

Deno.test("who would wait longer than it may is shed", async () => {
  const slots = new Slots(1);
  await reserve(slots, request(), 10);
  assertEquals(await reserve(slots, request(), 10), "shed");
});

Deno.test("one slow run has no call behind it refused", async () => {
  const slots = new Slots(1);
  await run(slots, "work", 3_000);
  await reserve(slots, request({ command: "work" }), 600_000);
  const deadline = Date.now() + 20_000;
  const waiting = Array.from(
    { length: 40 },
    () => reserve(slots, request({ command: "work", deadline }), 600_000),
  );
  for (const _ of waiting) slots.release({ command: "work", tookMs: 1 });
  assertEquals(new Set(await Promise.all(waiting)), new Set(["go"]));
});

Deno.test("who would come too late after those who wait is shed at once", async () => {
  const slots = new Slots(1);
  // Slow again and again: that is what this command takes.
  for (let i = 0; i < 50; i++) await run(slots, "slow", 60_000);
  await reserve(slots, request({ command: "slow" }), 600_000);
  const waiting = reserve(slots, request({ command: "slow" }), 600_000);
  // The timer of this deadline would only fire in half a minute: the answer comes before.
  assertEquals(await reserve(slots, request({ deadline: Date.now() + 30_000 }), 600_000), "shed");
  slots.evict();
  await waiting;
});

Deno.test("a slow command delays no quick one behind it", async () => {
  const slots = new Slots(1);
  await reserve(slots, request({ command: "slow" }), 600_000);
  slots.release({ command: "slow", tookMs: 60_000 });
  await reserve(slots, request({ command: "quick" }), 600_000);
  const waiting = reserve(
    slots,
    request({ command: "quick", deadline: Date.now() + 30_000 }),
    600_000,
  );
  slots.release({ command: "quick", tookMs: 1 });
  assertEquals(await waiting, "go");
});

Deno.test("who is aborted no longer waits", async () => {
  const slots = new Slots(1);
  await reserve(slots, request(), 600_000);
  const ending = new Ending(new Deadlines());
  const waiting = reserve(slots, request({ ending }), 600_000);
  ending.abort(new RpcError("canceled", "Cannot go on."));
  assertEquals([await waiting, slots.waiting], ["aborted", 0]);
});

Deno.test("a rebalance releases those who wait", async () => {
  const slots = new Slots(1);
  await reserve(slots, request(), 600_000);
  const waiting = reserve(slots, request(), 600_000);
  slots.evict();
  assertEquals(await waiting, "evicted");
});

Deno.test("a slot is free again after those who were shed", async () => {
  const slots = new Slots(1);
  await reserve(slots, request(), 600_000);
  await reserve(slots, request({ deadline: Date.now() + 5 }), 600_000);
  slots.release({ command: "c", tookMs: 1 });
  assertEquals(await reserve(slots, request(), 600_000), "go");
});

Deno.test("thousands that give their slots back at once need no deeper stack than one", () => {
  const slots = new Slots(1);
  slots.reserve(request(), 600_000, () => undefined);
  let ended = 0;
  for (let n = 0; n < 20_000; n++) {
    slots.reserve(request(), 600_000, () => {
      ended++;
      slots.release();
    });
  }
  slots.release();
  assertEquals([ended, slots.waiting], [20_000, 0]);
});

Deno.test("one that comes while slots are given out goes behind those that wait", async () => {
  const slots = new Slots(1);
  await reserve(slots, request(), 600_000);
  const order: string[] = [];
  const take = (name: string, then?: () => void) =>
    slots.reserve(request(), 600_000, () => {
      order.push(name);
      slots.release();
      then?.();
    });
  take("first", () => take("new"));
  take("second");
  slots.release();
  assertEquals(order, ["first", "second", "new"]);
});
