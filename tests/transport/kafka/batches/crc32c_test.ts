import { assertEquals } from "@std/assert";
import { crc32c } from "../../../../src/transport/kafka/batches/crc32c.ts";

Deno.test("crc32c() gives the check value of the algorithm", () => {
  assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe306_9283);
});

Deno.test("crc32c() gives the values of RFC 3720 for 32 bytes", () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
  assertEquals(
    [new Uint8Array(32), new Uint8Array(32).fill(0xff), ascending].map(crc32c),
    [0x8a91_36aa, 0x62a8_ab43, 0x46dd_794e],
  );
});

Deno.test("crc32c() of no bytes is 0", () => {
  assertEquals(crc32c(new Uint8Array(0)), 0);
});
