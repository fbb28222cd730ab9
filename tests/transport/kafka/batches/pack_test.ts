// Batches that are compressed before they are sent.
import { assert, assertEquals } from "@std/assert";
import { encodeBatch } from "../../../../src/transport/kafka/batches/encode.ts";
import { recordsOf } from "./decoded.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const record = (value: Uint8Array) => ({
  key: bytes("id"),
  value,
  headers: { "rpc-version": "1" },
});
const TEXT = bytes(JSON.stringify(Array.from({ length: 500 }, (_, id) => ({ id, name: "user" }))));
const attributesOf = (batch: Uint8Array) => new DataView(batch.buffer).getInt16(21);

for (const [compression, attribute] of [["gzip", 1], ["zstd", 4]] as const) {
  Deno.test(`${compression}: records come back as they were, in fewer bytes`, async () => {
    const records = [record(TEXT), record(bytes("small"))];
    const packed = encodeBatch(records, 1, compression);
    const read = await recordsOf(packed);
    assert(packed.length * 3 < encodeBatch(records, 1).length);
    assertEquals(attributesOf(packed), attribute);
    assertEquals(read.map(({ value }) => value), records.map(({ value }) => value));
  });

  Deno.test(`${compression}: many small records are packed together`, () => {
    const records = Array.from({ length: 50 }, () => record(bytes('{"a":1,"b":2}')));
    const packed = encodeBatch(records, 1, compression);
    assert(packed.length * 3 < encodeBatch(records, 1).length);
  });

  Deno.test(`${compression}: a small record is sent as it is`, () => {
    const small = [record(bytes("x".repeat(900)))];
    assertEquals(encodeBatch(small, 1, compression), encodeBatch(small, 1));
  });

  Deno.test(`${compression}: what does not get smaller is sent as it is`, () => {
    const noise = [record(crypto.getRandomValues(new Uint8Array(20_000)))];
    assertEquals(encodeBatch(noise, 1, compression), encodeBatch(noise, 1));
  });
}
