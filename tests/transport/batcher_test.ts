import { assertEquals, assertRejects } from "@std/assert";
import { Batcher, type BatcherOptions } from "../../src/transport/batcher.ts";
import type { OutgoingRecord } from "../../src/wire/record.ts";
import { Arrivals } from "../arrivals.ts";

const record = (topic: string, bytes = 1): OutgoingRecord => ({
  topic,
  key: null,
  value: new Uint8Array(bytes),
  headers: {},
});

const ready = () => Promise.resolve();

/** A batcher whose requests the test answers itself. */
function manual(options: Partial<BatcherOptions> = {}) {
  const sent = new Arrivals<{
    batch: readonly OutgoingRecord[];
    resolve: () => void;
    reject: (error: unknown) => void;
  }>();
  const batcher = new Batcher((batch) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    sent.push({ batch, resolve, reject });
    return batch.map(() => promise);
  }, {
    maxRecords: 100,
    maxBytes: 10_000,
    maxInFlight: 2,
    ready,
    ...options,
  });
  return { batcher, sent };
}

Deno.test("records of one tick go in one request", async () => {
  const { batcher, sent } = manual();
  const added = [batcher.add(record("t")), batcher.add(record("t")), batcher.add(record("t"))];
  const { batch, resolve } = await sent.at(0);
  resolve();
  await Promise.all(added);
  assertEquals([batch.length, sent.items.length], [3, 1]);
});

Deno.test("add() waits for the acknowledgement", async () => {
  const { batcher, sent } = manual();
  const order: string[] = [];
  const added = batcher.add(record("t")).then(() => order.push("added"));
  const { resolve } = await sent.at(0);
  order.push("sent");
  resolve();
  await added;
  assertEquals(order, ["sent", "added"]);
});

Deno.test("a request has no more records than its limit", async () => {
  const { batcher, sent } = manual({ maxRecords: 2, maxInFlight: 10 });
  const added = Array.from({ length: 5 }, () => batcher.add(record("t")));
  (await sent.first(3)).forEach(({ resolve }) => resolve());
  await Promise.all(added);
  assertEquals(sent.items.map(({ batch }) => batch.length), [2, 2, 1]);
});

Deno.test("a request has no more bytes than its limit", async () => {
  const { batcher, sent } = manual({ maxBytes: 1_000, maxInFlight: 10 });
  const added = Array.from({ length: 3 }, () => batcher.add(record("t", 400)));
  (await sent.first(2)).forEach(({ resolve }) => resolve());
  await Promise.all(added);
  assertEquals(sent.items.map(({ batch }) => batch.length), [2, 1]);
});

Deno.test("a record over the limit of bytes goes alone", async () => {
  const { batcher, sent } = manual({ maxBytes: 1_000 });
  const added = batcher.add(record("t", 5_000));
  (await sent.at(0)).resolve();
  await added;
  assertEquals(sent.items[0]!.batch.length, 1);
});

Deno.test("no more requests are in flight than the limit", async () => {
  const { batcher, sent } = manual({ maxRecords: 1, maxInFlight: 2 });
  const added = Array.from({ length: 4 }, () => batcher.add(record("t")));
  const first = await sent.first(2);
  const under = sent.items.length;
  first.forEach(({ resolve }) => resolve());
  (await sent.first(4)).forEach(({ resolve }) => resolve());
  await Promise.all(added);
  assertEquals(under, 2);
});

Deno.test("records that come while requests are in flight go together", async () => {
  const { batcher, sent } = manual({ maxInFlight: 1 });
  const one = batcher.add(record("t"));
  const { resolve } = await sent.at(0);
  const more = [batcher.add(record("t")), batcher.add(record("t"))];
  resolve();
  await one;
  (await sent.at(1)).resolve();
  await Promise.all(more);
  assertEquals(sent.items.map(({ batch }) => batch.length), [1, 2]);
});

Deno.test("a failed request fails each of its records", async () => {
  const { batcher, sent } = manual();
  const added = [batcher.add(record("t")), batcher.add(record("t"))];
  const settled = Promise.allSettled(added);
  (await sent.at(0)).reject(new Error("down"));
  assertEquals((await settled).map(({ status }) => status), ["rejected", "rejected"]);
});

Deno.test("a record that fails fails none of those that went with it", async () => {
  const batcher = new Batcher(
    (batch) => batch.map(({ topic }) => topic === "bad" ? Promise.reject("no") : Promise.resolve()),
    { maxRecords: 100, maxBytes: 10_000, maxInFlight: 2, ready },
  );
  const settled = await Promise.allSettled([
    batcher.add(record("bad")),
    batcher.add(record("good")),
  ]);
  assertEquals(settled.map(({ status }) => status), ["rejected", "fulfilled"]);
});

Deno.test("where one record may be at fault, each is sent again alone", async () => {
  const { batcher, sent } = manual({ splits: () => true });
  const settled = Promise.allSettled([
    batcher.add(record("t")),
    batcher.add(record("t", 9)),
    batcher.add(record("t")),
  ]);
  (await sent.at(0)).reject(new Error("too large"));
  (await sent.at(1)).resolve();
  (await sent.at(2)).reject(new Error("too large"));
  (await sent.at(3)).resolve();
  assertEquals((await settled).map(({ status }) => status), [
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
});

Deno.test("a record that nobody wants any more is not sent again alone", async () => {
  const { batcher, sent } = manual({ splits: () => true });
  const ending = new AbortController();
  const settled = Promise.allSettled([
    batcher.add(record("t")),
    batcher.add(record("t"), ending.signal),
    batcher.add(record("t")),
  ]);
  (await sent.at(0)).reject(new Error("too large"));
  const { resolve } = await sent.at(1);
  ending.abort("over");
  resolve();
  (await sent.at(2)).resolve();
  const [, dropped] = await settled;
  assertEquals(dropped, { status: "rejected", reason: "over" });
  assertEquals(sent.items.length, 3);
});

Deno.test("a single record that fails is not sent again", async () => {
  const { batcher, sent } = manual({ splits: () => true });
  const added = batcher.add(record("t"));
  (await sent.at(0)).reject(new Error("too large"));
  await assertRejects(() => added, Error, "too large");
  assertEquals(sent.items.length, 1);
});

Deno.test("idle() resolves at once where nothing was added", async () => {
  assertEquals(await manual().batcher.idle(), undefined);
});

Deno.test("idle() waits for what is waiting and for what is in flight", async () => {
  const { batcher, sent } = manual({ maxInFlight: 1, maxRecords: 1 });
  const order: string[] = [];
  batcher.add(record("t")).then(() => order.push("first"));
  batcher.add(record("t")).then(() => order.push("second"));
  const idle = batcher.idle().then(() => order.push("idle"));
  (await sent.at(0)).resolve();
  (await sent.at(1)).resolve();
  await idle;
  assertEquals(order, ["first", "second", "idle"]);
});

Deno.test("idle() resolves after a request that failed", async () => {
  const { batcher, sent } = manual();
  const added = batcher.add(record("t")).catch((error) => error.message);
  const idle = batcher.idle();
  (await sent.at(0)).reject(new Error("down"));
  await idle;
  assertEquals(await added, "down");
});

Deno.test("a record that nobody wants any more is not sent", async () => {
  const { batcher, sent } = manual({ maxInFlight: 1 });
  const first = batcher.add(record("t"));
  const { resolve } = await sent.at(0);
  const end = new AbortController();
  const second = assertRejects(() => batcher.add(record("unwanted"), end.signal), Error, "over");
  const third = batcher.add(record("wanted"));
  end.abort(new Error("over"));
  resolve();
  (await sent.at(1)).resolve();
  await Promise.all([first, second, third]);
  assertEquals(sent.items.map(({ batch }) => batch.map(({ topic }) => topic)), [["t"], ["wanted"]]);
});

Deno.test("a batch is cut when it can be sent: what came meanwhile goes with it", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { batcher, sent } = manual({ ready: () => promise });
  const early = batcher.add(record("early"));
  await Promise.resolve();
  const late = batcher.add(record("late"));
  resolve();
  (await sent.at(0)).resolve();
  await Promise.all([early, late]);
  assertEquals(sent.items[0]!.batch.map(({ topic }) => topic), ["early", "late"]);
});

Deno.test("what can't be sent fails with the reason, and the next record is tried", async () => {
  let attempts = 0;
  const { batcher, sent } = manual({
    ready: () => attempts++ === 0 ? Promise.reject(new Error("down")) : Promise.resolve(),
  });
  await assertRejects(() => batcher.add(record("t")), Error, "down");
  const next = batcher.add(record("t"));
  (await sent.at(0)).resolve();
  assertEquals(await next, undefined);
});

Deno.test("idle() resolves where nobody wants what waited", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { batcher } = manual({ ready: () => promise });
  const added = assertRejects(() => batcher.add(record("t"), AbortSignal.abort(new Error("over"))));
  const idle = batcher.idle();
  resolve();
  await added;
  assertEquals(await idle, undefined);
});
