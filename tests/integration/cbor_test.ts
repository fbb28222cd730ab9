// CBOR on both sides, over a real broker: the library's adapter is all that it needs.
import { assertEquals } from "@std/assert";
import cbor from "../../src/wire/codecs/cbor.ts";
import * as dated from "./fixtures/dated.ts";
import { Place } from "./place.ts";

const codecs = [new URL("../../src/wire/codecs/cbor.ts", import.meta.url)];
const SERVERS = [
  ["in the main thread", { commands: { ...dated }, codecs }],
  ["in a process", { commands: new URL("./fixtures/dated.ts", import.meta.url), codecs }],
] as const;

for (const [where, options] of SERVERS) {
  Deno.test(`CBOR ${where}: bytes, dates, NaN and large integers arrive, and come back`, async () => {
    await using place = new Place();
    await place.serve({ concurrency: 1, ...options });
    const client = await place.connect({ codec: cbor });
    const value = { at: new Date(1_000), bytes: Uint8Array.of(0, 255), none: NaN, big: 2n ** 60n };
    assertEquals(await client.call("echo", value), value);
  });
}
