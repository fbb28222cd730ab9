// What can't be read is passed by the end that its header names, and says why.
import { assertEquals } from "@std/assert";
import { MAX_HEADERS } from "../../../../src/transport/kafka/batches/record_reader.ts";
import { summary } from "./decoded.ts";
import { batch, concat, record, valued, type WrittenBatch } from "./written.ts";

/** Decodes records between two sound batches. */
async function between(
  records: readonly Uint8Array[] | Uint8Array,
  header: WrittenBatch = {},
): Promise<string[]> {
  return await summary(concat([
    batch(valued("before")),
    batch(records, { lastOffsetDelta: 4, ...header, baseOffset: 1n }),
    batch(valued("after"), { baseOffset: 6n }),
  ]));
}

/** The middle one is passed as a whole. */
const passed = (reason: string): string[] => [
  "0=before → 1",
  `1–5 unreadable: ${reason} → 6`,
  "6=after → 7",
];

/** No batch after it is believed. */
const stuck = (reason: string): string[] => [
  "0=before → 1",
  `1–? unreadable: the end of a batch is not known: ${reason} → ?`,
];

const CASES: Record<string, () => [actual: Promise<string[]>, expected: string[]]> = {
  "a wrong checksum": () => [
    between(valued("a"), { crc: 0xdead }),
    passed("its checksum is 0000dead, its bytes give 995d8bd0"),
  ],
  "more records than its bytes can hold": () => [
    between(valued("a"), { count: 100_000_000 }),
    passed("it names 100000000 records in 8 bytes"),
  ],
  "a negative number of records": () => [
    between(valued("a"), { count: -2 }),
    passed("it names -2 records in 8 bytes"),
  ],
  "no codec that is known": () => [
    between(valued("a"), { attributes: 7 }),
    passed("its codec (7) is not known"),
  ],
  "a record that goes beyond it": () => [
    between([Uint8Array.of(100, ...new Array(20).fill(0))]),
    passed("it should hold 1 records, and holds 0"),
  ],
  "a record of a length below any record's": () => [
    between([Uint8Array.of(1, ...new Array(20).fill(0))]),
    passed("a record has -1 bytes"),
  ],
  "a length that has no end": () => [
    between([new Uint8Array(20).fill(0xff)]),
    passed("a number has more than five bytes"),
  ],
  "a key beyond its record": () => [
    between([Uint8Array.of(16, 0, 0, 0, 100, 0, 0, 0, 0)]),
    passed("a key should have 50 bytes, 4 are left"),
  ],
  "a value of −2 bytes": () => [
    between([Uint8Array.of(16, 0, 0, 0, 1, 3, 0, 0, 0)]),
    passed("a value should have -2 bytes, 3 are left"),
  ],
  "more headers than the record has bytes for": () => [
    between([record({ headerCount: 1_000_000 })]),
    passed("a record names 1000000 headers in 0 bytes"),
  ],
  "a negative number of headers": () => [
    between([record({ headerCount: -1 })]),
    passed("a record names -1 headers in 0 bytes"),
  ],
  "a header whose name is null": () => [
    between([record({ headerCount: 1, trailing: [1, 1] })]),
    passed("the name of a header is null"),
  ],
  "bytes behind the headers of a record": () => [
    between([record({ trailing: [0, 0, 0] })]),
    passed("a record has 3 bytes too many"),
  ],
  "a record beyond its last offset": () => [
    between([record({ offsetDelta: 5 })]),
    passed("a record is 5 from the first offset"),
  ],
  "a record before its first offset": () => [
    between([record({ offsetDelta: -1 })]),
    passed("a record is -1 from the first offset"),
  ],
  "a format that is to come": () => [
    between(valued("a"), { magic: 3 }),
    stuck("its format (magic 3) is not known"),
  ],
  "a length below a header's": () => [
    between(valued("a"), { length: 48 }),
    stuck("its length is 48"),
  ],
  "a negative length": () => [between(valued("a"), { length: -1 }), stuck("its length is -1")],
  "a last offset before its first": () => [
    between(valued("a"), { lastOffsetDelta: -1 }),
    stuck("its last offset is -1 from its first"),
  ],
};

for (const [what, make] of Object.entries(CASES)) {
  Deno.test(`decodeBatches() passes a batch with ${what}`, async () => {
    const [actual, expected] = make();
    assertEquals(await actual, expected);
  });
}

Deno.test("decodeBatches() delivers the records before one that can't be read", async () => {
  const damaged = record({ offsetDelta: 2, trailing: [0] });
  assertEquals(await between([...valued("a", "b"), damaged]), [
    "0=before → 1",
    "1=a 2=b → 3",
    "3–5 unreadable: a record has 1 bytes too many → 6",
    "6=after → 7",
  ]);
});

Deno.test("decodeBatches() names the offset asked for where nothing after it is read", async () => {
  const damaged = batch([...valued("a", "b"), record({ offsetDelta: 9 })], { lastOffsetDelta: 4 });
  const [line] = await summary(damaged, { from: 4n });
  assertEquals(line?.split(" ", 1), ["4–4"]);
});

Deno.test("decodeBatches() passes offsets that go back inside of a batch", async () => {
  const back = [...valued("a", "b"), record({ offsetDelta: 1 })];
  assertEquals(
    (await between(back))[2],
    "3–5 unreadable: " +
      "a record is 1 from the first offset, the one before 1 → 6",
  );
});

Deno.test("decodeBatches() passes a record with more headers than it takes", async () => {
  const count = MAX_HEADERS + 1;
  const headers = new Array<[string, null]>(count).fill(["", null]);
  assertEquals(await summary(batch([record({ headers })])), [
    `0–0 unreadable: a record has ${count} headers, the limit is ${MAX_HEADERS} → 1`,
  ]);
});

Deno.test("decodeBatches() passes a message of Kafka before 0.11 by its own offset", async () => {
  const old = new Uint8Array(34);
  const view = new DataView(old.buffer);
  view.setBigInt64(0, 7n);
  view.setInt32(8, 22);
  view.setInt8(16, 1);
  const answer = concat([old, batch(valued("a"), { baseOffset: 8n })]);
  assertEquals(await summary(answer, { from: 5n }), [
    "5–7 unreadable: its format (magic 1) is of Kafka before 0.11, and has no headers → 8",
    "8=a → 9",
  ]);
});

Deno.test("decodeBatches() gives no next offset where the first batch is cut", async () => {
  const cut = batch(valued("a")).subarray(0, 65);
  assertEquals(await summary(cut), [
    "0–? unreadable: the end of a batch is not known: its length is 57, 53 are there → ?",
  ]);
});

Deno.test("decodeBatches() gives no next offset where the offset of a batch is negative", async () => {
  const negative = batch(valued("a"), { baseOffset: -1n });
  assertEquals(await summary(negative), [
    "0–? unreadable: the end of a batch is not known: its offset is -1 → ?",
  ]);
});
