// Simulated minutes of servers, clients and failing brokers; `deno task simulate` runs more of them.
import { assertEquals, assertNotEquals } from "@std/assert";
import { simulate } from "./simulation.ts";

const SEEDS = 200;
/** One test for so many seeds: a name for each would hide the others. */
const GROUP = 20;

for (let first = 1; first <= SEEDS; first += GROUP) {
  const last = first + GROUP - 1;
  Deno.test(`in the simulated minutes ${first} to ${last} every call settles once, in time and rightly`, async () => {
    for (let seed = first; seed <= last; seed++) {
      const { broken } = await simulate(seed);
      assertEquals(broken, [], `deno task simulate --seed ${seed} shows it`);
    }
  });
}

Deno.test("the same seed gives the same minute", async () => {
  assertEquals((await simulate(7)).hash, (await simulate(7)).hash);
});

Deno.test("another seed gives another minute", async () => {
  assertNotEquals((await simulate(7)).hash, (await simulate(8)).hash);
});
