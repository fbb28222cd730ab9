import { assertEquals } from "@std/assert";
import { noCounts } from "../../src/server/counts.ts";
import { KeyOrder } from "../../src/server/key_order.ts";
import type { IncomingRecord } from "../../src/wire/record.ts";
import { recordOf } from "../wire/record_of.ts";

interface Handled {
  readonly id: string;
  readonly end: (finished: boolean) => void;
}

/** An order before a handler that ends each record when the test says so. */
function ordered() {
  const handled: Handled[] = [];
  const counts = noCounts();
  const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
  const order = new KeyOrder((record) => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    handled.push({ id: text(record.headers.get("rpc-id")), end: resolve });
    return promise;
  }, counts);
  const ids = () => handled.map(({ id }) => id);
  return { order, handled, counts, ids };
}

function keyed(key: string, id: string, partition = 0): IncomingRecord {
  return { ...recordOf({ key, headers: { "rpc-id": id } }), partition };
}

const turns = async () => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
};

Deno.test("requests of one key are handled one after the other, in the order in which they came", async () => {
  const { order, handled, counts, ids } = ordered();
  const results = ["1", "2", "3"].map((id) => order.handle(keyed("a", id)));
  const seen = [[...ids()], counts.waiting];
  for (let index = 0; index < 3; index++) {
    handled[index]!.end(true);
    await turns();
  }
  assertEquals([...seen, ids(), counts.waiting, await Promise.all(results)], [
    ["1"],
    2,
    ["1", "2", "3"],
    0,
    [true, true, true],
  ]);
});

Deno.test("requests of other keys and partitions, and without a key, are not held up", () => {
  const { order, ids } = ordered();
  void order.handle(keyed("a", "1"));
  void order.handle(keyed("a", "waits"));
  void order.handle(keyed("b", "2"));
  void order.handle(keyed("a", "3", 1));
  void order.handle(recordOf({ key: "a", headers: {} }));
  void order.handle(recordOf({ key: null, headers: { "rpc-id": "4" } }));
  assertEquals(ids(), ["1", "2", "3", "", "4"]);
});

Deno.test("a request that fails lets the next one begin", async () => {
  const counts = noCounts();
  const seen: string[] = [];
  const order = new KeyOrder((record) => {
    seen.push(new TextDecoder().decode(record.headers.get("rpc-id")));
    return seen.length === 1 ? Promise.reject(new Error("broken")) : true;
  }, counts);
  const results = ["1", "2"].map((id) => Promise.resolve(order.handle(keyed("a", id))));
  const settled = await Promise.allSettled(results);
  assertEquals([settled.map(({ status }) => status), seen], [["rejected", "fulfilled"], [
    "1",
    "2",
  ]]);
});

Deno.test("what waits is released when another server gets the partition", async () => {
  const { order, handled, ids, counts } = ordered();
  const results = ["1", "2", "3"].map((id) => order.handle(keyed("a", id)));
  order.evict();
  assertEquals(await Promise.all(results.slice(1)), [false, false]);
  handled[0]!.end(true);
  assertEquals([await results[0], ids(), counts.waiting], [true, ["1"], 0]);
});

Deno.test("what comes after a released request is released, too", async () => {
  const { order, handled, ids } = ordered();
  const results = ["1", "2"].map((id) => order.handle(keyed("a", id)));
  handled[0]!.end(false);
  assertEquals([await Promise.all(results), ids()], [[false, false], ["1"]]);
});

Deno.test("a key is free again when its last request has ended", async () => {
  const { order, handled, ids } = ordered();
  const first = order.handle(keyed("a", "1"));
  handled[0]!.end(true);
  await first;
  void order.handle(keyed("a", "2"));
  assertEquals(ids(), ["1", "2"]);
});
