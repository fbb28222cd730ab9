import { assert, assertEquals } from "@std/assert";
import { originOf } from "../../src/server/origin.ts";
import { YoungestReplies } from "../../src/server/youngest_replies.ts";
import type { Outcome } from "../../src/wire/outcome.ts";

const outcome: Outcome = {
  ok: true,
  output: { bytes: new Uint8Array(1), contentType: "application/json" },
};
const origin = originOf({ id: "a", digest: "d" }, { topic: "r", partition: 0, key: null });

/** What is kept of replies of these times, each of so many bytes. */
function kept(times: readonly number[], bytes = 1) {
  const youngest = new YoungestReplies({ maxEntries: 3, maxBytes: 1_000 });
  for (const at of times) youngest.add({ origin, outcome, at, bytes });
  return youngest.inOrder().map(({ at }) => at);
}

Deno.test("replies that were found come in the order of their times", () => {
  assertEquals(kept([3, 1, 2]), [1, 2, 3]);
});

Deno.test("of many replies fewer than twice as many are held as the cache takes", () => {
  const times = Array.from({ length: 100 }, (_, index) => index);
  assert(kept(times).length < 6);
});

Deno.test("of many large replies less than twice as much is held as the cache takes", () => {
  const times = Array.from({ length: 100 }, (_, index) => index);
  assert(kept(times, 600).length < 4);
});

Deno.test("the youngest replies are held, whatever partition they were on", () => {
  assertEquals(kept([10, 20, 30, 11, 21, 31, 12, 22, 32]).slice(-3), [30, 31, 32]);
});

Deno.test("a reply that the cache would refuse pushes no other out", () => {
  const youngest = new YoungestReplies({ maxEntries: 3, maxBytes: 1_000 });
  youngest.add({ origin, outcome, at: 1, bytes: 10 });
  for (let at = 2; at < 20; at++) youngest.add({ origin, outcome, at, bytes: 5_000 });
  assertEquals(youngest.inOrder().map(({ at }) => at), [1]);
});

Deno.test("every reply that there is no room for is dropped, once", () => {
  const dropped: number[] = [];
  const youngest = new YoungestReplies(
    { maxEntries: 3, maxBytes: 1_000 },
    ({ at }) => dropped.push(at),
  );
  for (let at = 0; at < 8; at++) youngest.add({ origin, outcome, at, bytes: at === 7 ? 2_000 : 1 });
  const all = [...dropped, ...youngest.inOrder().map(({ at }) => at)];
  assertEquals([dropped.length > 0, all.toSorted()], [true, [0, 1, 2, 3, 4, 5, 6, 7]]);
});
