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
