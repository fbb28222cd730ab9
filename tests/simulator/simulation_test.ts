// Simulated minutes of servers, clients and failing brokers; `deno task simulate` runs more of them.
import { assertEquals, assertNotEquals } from "@std/assert";
import { APIS } from "./mishaps.ts";
import { MISHAPS } from "./network.ts";
import { metIn, runSeeds, type SeedReport } from "./seeds.ts";
import { simulate } from "./simulation.ts";

const SEEDS = 200;

let running: Promise<SeedReport[]> | undefined;
/** All tests look at the same runs. */
const reports = () => running ??= runSeeds({ count: SEEDS });

Deno.test(`in ${SEEDS} simulated minutes every call settles once, in time and rightly`, async () => {
  const failed = (await reports()).filter(({ broken }) => broken.length > 0);
  assertEquals(failed.map(({ seed, broken }) => [`deno task simulate --seed ${seed}`, broken]), []);
});

Deno.test(`in ${SEEDS} simulated minutes every mishap meets every request`, async () => {
  const met = metIn(await reports());
  const pairs = APIS.flatMap((api) => MISHAPS.map((mishap) => `${mishap} ${api}`));
  assertEquals(pairs.filter((pair) => !met.has(pair)), []);
});

Deno.test("the same seed gives the same minute, in a worker or here", async () => {
  assertEquals((await simulate(7)).hash, (await reports())[6]!.hash);
});

Deno.test("another seed gives another minute", async () => {
  assertNotEquals((await reports())[6]!.hash, (await reports())[7]!.hash);
});

Deno.test("in 20 simulated minutes with streams no value is missing, twice or out of order", async () => {
  const reports = await runSeeds({ first: 1_000, count: 20, streams: 10 });
  const failed = reports.filter(({ broken }) => broken.length > 0);
  const command = (seed: number) => `deno task simulate --streams 10 --seed ${seed}`;
  assertEquals(failed.map(({ seed, broken }) => [command(seed), broken]), []);
});
