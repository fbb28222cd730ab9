// Mutated batches: whatever their bytes are, decoding ends, goes forward, and says what it passed.
import { assert, assertEquals } from "@std/assert";
import { partsOf } from "./decoded.ts";
import { mutants } from "./fuzz/mutants.ts";

const SEED = 20_261;
const TRIES = 1_000;

/** What is wrong with the parts of a batch that begins at offset 0, if anything is. */
async function broken(bytes: Uint8Array): Promise<string | undefined> {
  let from = 0n;
  for (const { records, nextOffset, unreadable, batch } of await partsOf(bytes)) {
    for (const { offset } of records) {
      if (offset < from) return `offset ${offset} after ${from}`;
      from = offset + 1n;
    }
    if (unreadable && unreadable.fromOffset < from) return `passed again: ${unreadable.fromOffset}`;
    if (nextOffset === undefined || nextOffset < from) return `goes on at ${nextOffset}`;
    if (batch === undefined) return "a header that was sound is not believed";
    from = nextOffset;
    if (batch.lastOffset + 1n < nextOffset) return `${nextOffset} is beyond its end`;
  }
  return undefined;
}

Deno.test(`decodeBatches() goes forward over ${TRIES} mutated batches of seed ${SEED}`, async () => {
  for (const [index, { bytes }] of mutants(SEED).take(TRIES).map((m, i) => [i, m] as const)) {
    assertEquals(await broken(bytes), undefined, `mutant ${index}`);
  }
});

Deno.test("decodeBatches() ends at the end of each mutated batch", async () => {
  for (const { bytes } of mutants(SEED + 1).take(500)) {
    const parts = await partsOf(bytes);
    assertEquals(parts.at(-1)?.nextOffset, parts[0]!.batch!.lastOffset + 1n);
  }
});

Deno.test("mutated batches are in part read, in part not", async () => {
  const kinds = { whole: 0, unreadable: 0 };
  for (const { bytes } of mutants(SEED + 2).take(500)) {
    const { unreadable } = (await partsOf(bytes)).at(-1)!;
    kinds[unreadable === undefined ? "whole" : "unreadable"]++;
  }
  assert(kinds.whole > 100 && kinds.unreadable > 100, JSON.stringify(kinds));
});
