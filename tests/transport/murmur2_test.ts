import { assertEquals } from "@std/assert";
import { murmur2, partitionOf } from "../../src/transport/murmur2.ts";

/** @see https://github.com/apache/kafka/blob/4.1/clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java */
const MURMUR2: Readonly<Record<string, number>> = {
  "21": -973932308,
  "foobar": -790332482,
  "a-little-bit-long-string": -985981536,
  "a-little-bit-longer-string": -1486304829,
  "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
  "abc": 479470107,
};

const bytes = (text: string) => new TextEncoder().encode(text);

for (const [key, hash] of Object.entries(MURMUR2)) {
  Deno.test(`the hash of the key "${key}" is Java's`, () => {
    assertEquals(murmur2(bytes(key)), hash);
  });
}

Deno.test("the partition of a key is its hash without the sign", () => {
  assertEquals(partitionOf(bytes("21"), 12), (-973932308 & 0x7fff_ffff) % 12);
});
