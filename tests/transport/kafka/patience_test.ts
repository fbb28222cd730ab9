// How long an answer is waited for, after answers that were late or stopped in their middle.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Patience } from "../../../src/transport/kafka/patience.ts";
import { RpcError } from "../../../src/wire/errors.ts";
import type { Mishap } from "../../simulator/network.ts";
import { World } from "../../simulator/world.ts";

/** How much longer the last of four sends took than the first until it failed, in simulated time. */
async function growth(mishap: Mishap): Promise<number> {
  using world = new World(1, 1);
  const transport = world.transport(world.begin("program"));
  const topics = [{ topic: "records", partitions: 1, replicationFactor: 1 }];
  await world.run(transport.ensureTopics(topics, { create: true, timeoutMs: 10_000 }));
  world.network.weathers.add({ mishap: (api) => api === "Produce" ? mishap : undefined });
  const took: number[] = [];
  for (let attempt = 0; attempt < 4; attempt++) {
    const begun = world.clock.now();
    const record = { topic: "records", key: null, value: null, headers: {} };
    await world.run(assertRejects(() => transport.produce(record), RpcError));
    took.push(world.clock.now() - begun);
  }
  await world.run(transport.close());
  return took.at(-1)! / took[0]!;
}

Deno.test("a broker that does not answer in time is given more time", async () => {
  assert(await growth("lose answer") > 3);
});

Deno.test("a broker whose answer stops in its middle is given no more time", async () => {
  assert(await growth("stall answer") < 1.5);
});

Deno.test("answers that are late together make the limit grow once", () => {
  const patience = new Patience(1_000, 15_000);
  const { limitMs } = patience;
  patience.late(limitMs);
  patience.late(limitMs);
  assertEquals(patience.limitMs, 2_000);
});

Deno.test("quick answers make the limit shrink again", () => {
  const patience = new Patience(1_000, 15_000);
  patience.late(patience.limitMs);
  patience.late(patience.limitMs);
  patience.answered(10);
  patience.answered(10);
  assertEquals(patience.limitMs, 1_000);
});
