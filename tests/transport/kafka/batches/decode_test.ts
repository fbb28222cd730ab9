import { assert, assertEquals } from "@std/assert";
import { partsOf, recordsOf, summary } from "./decoded.ts";
import { batch, concat, record, valued } from "./written.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

Deno.test("decodeBatches() gives the records of one batch after another", async () => {
  const answer = concat([
    batch(valued("a", "b"), { baseOffset: 10n }),
    batch(valued("c"), { baseOffset: 12n }),
  ]);
  assertEquals(await summary(answer, { from: 10n }), ["10=a 11=b → 12", "12=c → 13"]);
});

Deno.test("decodeBatches() gives key, value, timestamp and headers of a record", async () => {
  const headers = [["a", "1"], ["é", bytes(0, 255)]] as const;
  const [decoded] = await recordsOf(
    batch([record({ key: "k", value: "v", timestampDelta: -5, headers })], {
      baseTimestamp: 1_000n,
    }),
  );
  assertEquals(decoded, {
    offset: 0n,
    timestamp: 995,
    key: new TextEncoder().encode("k"),
    value: new TextEncoder().encode("v"),
    headers: new Map([["a", bytes(49)], ["é", bytes(0, 255)]]),
  });
});

Deno.test("decodeBatches() gives the last value of a header that is there twice", async () => {
  const headers = [["a", "1"], ["a", new Uint8Array(0)]] as const;
  const [decoded] = await recordsOf(batch([record({ headers })]));
  assertEquals(decoded?.headers, new Map([["a", bytes()]]));
});

Deno.test("decodeBatches() leaves out a header without a value", async () => {
  const headers = [["a", "1"], ["", null], ["a", null]] as const;
  const [decoded] = await recordsOf(batch([record({ headers })]));
  assertEquals(decoded?.headers, new Map([["a", bytes(49)]]));
});

Deno.test("decodeBatches() keeps null apart from empty", async () => {
  const decoded = await recordsOf(
    batch([record({ key: "", value: null }), record({ key: null, value: "", offsetDelta: 1 })]),
  );
  assertEquals(decoded.map(({ key, value }) => [key, value]), [[bytes(), null], [null, bytes()]]);
});

Deno.test("decodeBatches() reads timestamps as far from the first one as they can be", async () => {
  const [decoded] = await recordsOf(
    batch([record({ timestampDelta: -(2n ** 63n) })], { baseTimestamp: 0n }),
  );
  assertEquals(decoded?.timestamp, -(2 ** 63));
});

Deno.test("decodeBatches() gives the broker's time where the topic has LogAppendTime", async () => {
  const [decoded] = await recordsOf(
    batch([record({ timestampDelta: 7 })], { attributes: 0b1000, maxTimestamp: 5_000n }),
  );
  assertEquals(decoded?.timestamp, 5_000);
});

Deno.test("decodeBatches() gives what the header of a batch says", async () => {
  const [part] = await partsOf(
    batch(valued("a"), { attributes: 0b1_0000, baseOffset: 3n }),
  );
  assertEquals(part?.batch, {
    baseOffset: 3n,
    lastOffset: 3n,
    count: 1,
    codec: 0,
    logAppendTime: false,
    control: false,
    baseTimestamp: 0,
    maxTimestamp: 0,
  });
});

Deno.test("decodeBatches() begins at the offset asked for, inside of a batch", async () => {
  const answer = batch(valued("a", "b", "c"), { baseOffset: 4n });
  assertEquals(await summary(answer, { from: 6n }), ["6=c → 7"]);
});

Deno.test("decodeBatches() leaves out batches before the offset asked for", async () => {
  const answer = concat([batch(valued("a")), batch(valued("b"), { baseOffset: 1n })]);
  assertEquals(await summary(answer, { from: 1n }), ["1=b → 2"]);
});

Deno.test("decodeBatches() goes on behind records that compaction removed at the end", async () => {
  const answer = batch(valued("a"), { lastOffsetDelta: 9 });
  assertEquals(await summary(answer), ["0=a → 10"]);
});

Deno.test("decodeBatches() goes on behind a batch that compaction emptied", async () => {
  const answer = batch([], { baseOffset: 5n, lastOffsetDelta: 2 });
  assertEquals(await summary(answer, { from: 5n }), [" → 8"]);
});

Deno.test("decodeBatches() passes control batches, and says so", async () => {
  const marker = record({ key: bytes(0, 0, 0, 1), value: bytes(0, 0, 0, 0, 0, 0) });
  const [part] = await partsOf(batch([marker], { baseOffset: 8n, attributes: 0b11_0000 }));
  assertEquals([part?.batch?.control, part?.records, part?.nextOffset], [true, [], 9n]);
});

Deno.test("decodeBatches() gives nothing for no bytes", async () => {
  assertEquals(await summary(new Uint8Array(0)), []);
});

Deno.test("decodeBatches() ends before a batch that is cut, wherever it is cut", async () => {
  const [first, second] = [batch(valued("a")), batch(valued("b"), { baseOffset: 1n })];
  const answer = concat([first, second]);
  const cuts = Array.from(
    { length: second.length },
    (_, i) => answer.subarray(0, first.length + i),
  );
  const seen = await Promise.all(cuts.map((cut) => summary(cut)));
  assertEquals(new Set(seen.map((lines) => lines.join())), new Set(["0=a → 1"]));
});

Deno.test("decodeBatches() reads bytes that begin inside of a buffer", async () => {
  const written = batch(valued("a"));
  const answer = concat([new Uint8Array(13), written]).subarray(13);
  assertEquals(await summary(answer), ["0=a → 1"]);
});

Deno.test("decodeBatches() delivers copies: the answer is not kept alive", async () => {
  const answer = batch([record({ key: "k", value: "v", headers: [["a", "1"]] })]);
  const [decoded] = await recordsOf(answer);
  const views = [decoded?.key, decoded?.value, decoded?.headers.get("a")];
  assert(views.every((view) => view && view.buffer.byteLength < 16));
});

Deno.test("decodeBatches() delivers 150 000 records of one batch, each once", async () => {
  const many = Array.from({ length: 150_000 }, (_, offsetDelta) => record({ offsetDelta }));
  const decoded = await recordsOf(batch(many));
  const inOrder = decoded.every(({ offset }, i) => offset === BigInt(i));
  assertEquals([decoded.length, inOrder], [150_000, true]);
});

Deno.test("decodeBatches() gives a large batch in parts, each going on behind the last", async () => {
  const many = Array.from({ length: 2_500 }, (_, offsetDelta) => record({ offsetDelta }));
  const parts = await partsOf(batch(many));
  assertEquals(parts.map(({ nextOffset }) => nextOffset), [1000n, 2000n, 2500n]);
});

Deno.test("decodeBatches() delivers a record with 10 000 headers", async () => {
  const headers = Array.from({ length: 10_000 }, (_, i) => [`name-${i}`, `${i}`] as const);
  const [decoded] = await recordsOf(batch([record({ headers })]));
  assertEquals([decoded?.headers.size, decoded?.headers.has("name-9999")], [10_000, true]);
});

Deno.test("decodeBatches() replaces bytes of a name that are no UTF-8", async () => {
  const [decoded] = await recordsOf(batch([record({ headers: [[bytes(0x61, 0xff), "1"]] })]));
  assertEquals([...decoded!.headers.keys()], ["a\ufffd"]);
});

Deno.test("decodeBatches() gives each record its own names", async () => {
  const named = (name: string, offsetDelta: number) =>
    record({ offsetDelta, headers: [[name, ""]] });
  const decoded = await recordsOf(batch([named("ab", 0), named("ac", 1), named("ab", 2)]));
  assertEquals(decoded.flatMap(({ headers }) => [...headers.keys()]), ["ab", "ac", "ab"]);
});
