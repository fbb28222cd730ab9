// What packs records is bounded before it unpacks, and what is wrong in it ends its batch only.
import { assertEquals } from "@std/assert";
import { partsOf, recordsOf, summary } from "./decoded.ts";
import {
  CODEC,
  copy,
  javaSnappy,
  literal,
  lz4Frame,
  lz4Sequence,
  PACK,
  packedBatch,
  snappy,
  zeros,
} from "./packed.ts";
import { batch, concat, record, valued } from "./written.ts";

const CODECS = Object.keys(CODEC) as (keyof typeof CODEC)[];
const UTF8 = new TextEncoder();

/** Decodes one batch with records of two values, then one that is sound. */
async function before(codec: keyof typeof CODEC, packed: Uint8Array): Promise<string[]> {
  const sound = batch(valued("after"), { baseOffset: 2n });
  return await summary(concat([packedBatch(codec, packed, { count: 2 }), sound]));
}

/** The first one is passed as a whole. */
const passed = (reason: string): string[] => [`0–1 unreadable: ${reason} → 2`, "2=after → 3"];

for (const codec of CODECS) {
  const pack = PACK[codec];

  Deno.test(`decodeBatches() reads records that ${codec} packs`, async () => {
    assertEquals(await before(codec, pack(concat(valued("a", "b")))), [
      "0=a 1=b → 2",
      "2=after → 3",
    ]);
  });

  Deno.test(`decodeBatches() reads a value of 5 MB that ${codec} packs`, async () => {
    const [decoded] = await recordsOf(packedBatch(codec, pack(zeros(5_000_000))));
    assertEquals([decoded?.value?.length, decoded?.value?.some((byte) => byte !== 0)], [
      5_000_000,
      false,
    ]);
  });

  Deno.test(`decodeBatches() reads 20 000 records that ${codec} packs`, async () => {
    const many = Array.from({ length: 20_000 }, (_, offsetDelta) => record({ offsetDelta }));
    const decoded = await recordsOf(packedBatch(codec, pack(concat(many)), { count: 20_000 }));
    assertEquals([decoded.length, decoded.at(-1)?.offset], [20_000, 19_999n]);
  });

  Deno.test(`decodeBatches() passes what ${codec} unpacks to more than the limit`, async () => {
    const bomb = packedBatch(codec, pack(zeros(3_000_000)));
    assertEquals(await summary(bomb, { maxUnpackedBytes: 2_000_000 }), [
      "0–0 unreadable: it unpacks to more than 2000000 bytes → 1",
    ]);
  });

  Deno.test(`decodeBatches() passes ${codec} that is cut, wherever it is cut`, async () => {
    const packed = pack(concat(valued("a", "b".repeat(50))));
    const cuts = Array.from(
      { length: packed.length - 9 },
      (_, length) => packed.subarray(0, length),
    );
    for (const cut of cuts) {
      const parts = await partsOf(packedBatch(codec, cut, { count: 2 }));
      assertEquals(parts.at(-1)?.unreadable?.lastOffset, 1n, `cut at ${cut.length}`);
    }
  });

  Deno.test(`decodeBatches() passes ${codec} whose every byte is 255`, async () => {
    const parts = await partsOf(packedBatch(codec, new Uint8Array(1_000_000).fill(255)));
    assertEquals(parts.map(({ unreadable }) => unreadable?.lastOffset), [0n]);
  });

  Deno.test(`decodeBatches() passes ${codec} that unpacks to fewer records`, async () => {
    assertEquals(await before(codec, pack(concat(valued("a")))), [
      "0=a → 1",
      "1–1 unreadable: it should hold 2 records, and holds 1 → 2",
      "2=after → 3",
    ]);
  });
}

Deno.test("decodeBatches() reads a stream of snappy blocks as Java writes it", async () => {
  const records = concat(valued("a", "b"));
  const blocks = [records.subarray(0, 5), records.subarray(5, 6), records.subarray(6)];
  const packed = javaSnappy(blocks.map((block) => snappy(block.length, [literal(block)])));
  assertEquals(await before("snappy", packed), ["0=a 1=b → 2", "2=after → 3"]);
});

Deno.test("decodeBatches() reads repetitions of snappy that overlap themselves", async () => {
  const value = "ab".repeat(40);
  const whole = record({ value });
  const from = whole.length - 1 - value.length;
  const packed = snappy(whole.length, [
    literal(whole.subarray(0, from + 2)),
    copy(2, 64),
    copy(2, 14),
    literal(whole.subarray(-1)),
  ]);
  assertEquals(await summary(packedBatch("snappy", packed)), [`0=${value} → 1`]);
});

Deno.test("decodeBatches() reads repetitions of LZ4 that reach into the block before", async () => {
  const value = "abc".repeat(100);
  const whole = record({ value });
  const head = whole.subarray(0, whole.length - 1 - value.length + 3);
  const packed = lz4Frame([
    { plain: head },
    { packed: concat([lz4Sequence("", 3, 297), Uint8Array.of(1 << 4, 0)]) },
  ], { flags: 0b0101_1000 });
  assertEquals(await summary(packedBatch("lz4", packed)), [`0=${value} → 1`]);
});

const WRONG: Record<string, [codec: "snappy" | "lz4", packed: Uint8Array, reason: string]> = {
  "a snappy block that names 4 GB": [
    "snappy",
    snappy(2 ** 32 - 1, [literal(UTF8.encode("a"))]),
    "a snappy block of 11 bytes names 4294967295",
  ],
  "a snappy block that names less than it has": [
    "snappy",
    snappy(3, [literal(UTF8.encode("abcd"))]),
    "a snappy block is wrong at byte 6",
  ],
  "a snappy block that names more than it has": [
    "snappy",
    snappy(5, [literal(UTF8.encode("abcd"))]),
    "a snappy block names 5 bytes and has 4",
  ],
  "a repetition of snappy that begins before its block": [
    "snappy",
    snappy(40, [literal(UTF8.encode("ab")), copy(3, 38)]),
    "a snappy block is wrong at byte 11",
  ],
  "a repetition of snappy at distance 0": [
    "snappy",
    snappy(40, [literal(UTF8.encode("ab")), copy(0, 38)]),
    "a snappy block is wrong at byte 11",
  ],
  "a snappy stream with a block beyond its end": [
    "snappy",
    concat([javaSnappy([]), Uint8Array.of(0, 0, 1, 0)]),
    "a snappy block should have 256 bytes, 0 are left",
  ],
  "no LZ4 frame": ["lz4", UTF8.encode("something else"), "it holds no LZ4 frame"],
  "an LZ4 frame that needs a dictionary": [
    "lz4",
    lz4Frame([], { flags: 0b0110_0001 }),
    "its LZ4 frame needs a dictionary",
  ],
  "an LZ4 block that begins with a repetition": [
    "lz4",
    lz4Frame([{ packed: lz4Sequence("", 1, 40) }]),
    "an LZ4 block is wrong at byte 4",
  ],
  "an LZ4 block that reaches into another one of its own": [
    "lz4",
    lz4Frame([{ plain: UTF8.encode("dbc") }, { packed: lz4Sequence("d", 2, 40) }]),
    "an LZ4 block is wrong at byte 5",
  ],
  "an LZ4 block of more bytes than a block may have": [
    "lz4",
    lz4Frame([{ packed: lz4Sequence("a", 1, 70_000) }, { plain: new Uint8Array(300_000) }]),
    "an LZ4 block is wrong at byte 280",
  ],
};

for (const [what, [codec, packed, reason]] of Object.entries(WRONG)) {
  Deno.test(`decodeBatches() passes ${what}`, async () => {
    assertEquals(await before(codec, packed), passed(reason));
  });
}
