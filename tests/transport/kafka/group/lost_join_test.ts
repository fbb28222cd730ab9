// Joins that the network swallows, over simulated brokers.
import { assert, assertEquals } from "@std/assert";
import { World } from "../../../simulator/world.ts";
import { create, join } from "./joined.ts";

for (const api of ["JoinGroup", "SyncGroup"] as const) {
  for (const lost of ["lose request", "lose answer"] as const) {
    Deno.test(`${api} is sent again within seconds when the network does: ${lost}`, async () => {
      using world = new World(13);
      await create(world, 1);
      let times = 1;
      world.network.weathers.add({
        mishap: (one) => one === api && times-- > 0 ? lost : undefined,
      });
      const { member, partitions } = await join(world);
      assertEquals(partitions(), [0]);
      assert(world.clock.now() < 6_000, `${world.clock.now()}`);
      await world.run(member.close());
    });
  }
}

Deno.test("a join that is lost while the others wait for it is sent again before its session ends", async () => {
  using world = new World(21);
  await create(world, 2);
  const one = await join(world);
  let joins = 0;
  world.network.weathers.add({
    // The first two are those of the other member, which has no id yet in the first.
    mishap: (api) => api === "JoinGroup" && ++joins === 3 ? "lose request" : undefined,
  });
  const startedAt = world.clock.now();
  const other = await join(world);
  await world.until(() => one.partitions()?.length === 1);
  await world.until(() => other.partitions()?.length === 1);
  assertEquals([one.lost(), other.lost()], [0, 0]);
  assert(world.clock.now() < startedAt + 5_000, `${world.clock.now() - startedAt} ms`);
  await world.run(Promise.all([one.member.close(), other.member.close()]));
});

Deno.test("a join whose answer is lost before others join is sent again before its session ends", async () => {
  using world = new World(22);
  await create(world, 3);
  const one = await join(world);
  let joins = 0;
  world.network.weathers.add({
    mishap: (api) => api === "JoinGroup" && ++joins === 2 ? "lose answer" : undefined,
  });
  const startedAt = world.clock.now();
  const joining = join(world);
  await world.until(() => one.partitions()!.length < 3);
  // The rebalance that a third one begins looks as if the second still waited.
  const all = [one, ...await Promise.all([joining, join(world)])];
  await world.until(() => all.every(({ partitions }) => partitions()?.length === 1));
  assertEquals(all.map(({ lost }) => lost()), [0, 0, 0]);
  assert(world.clock.now() < startedAt + 6_000, `${world.clock.now() - startedAt} ms`);
  await world.run(Promise.all(all.map(({ member }) => member.close())));
});
