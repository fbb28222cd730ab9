// When a member sends heartbeats again, over simulated brokers.
import { assertEquals } from "@std/assert";
import { delay } from "../../../../src/async/delay.ts";
import { Patience } from "../../../../src/transport/kafka/patience.ts";
import type { Api } from "../../../../src/transport/kafka/port.ts";
import { World } from "../../../simulator/world.ts";
import { create, join } from "./joined.ts";

/** Brokers that were slow so far. */
const slow = () => new Patience(10_000, 10_000);

Deno.test("a heartbeat that is lost is sent again within the session, however slow the brokers were", async () => {
  using world = new World(18);
  await create(world, 1);
  const { member, lost } = await join(world, {}, world.program(slow()));
  let times = 1;
  world.network.weathers.add({
    mishap: (api) => api === "Heartbeat" && times-- > 0 ? "lose request" : undefined,
  });
  const lostAt = world.clock.now();
  await world.until(() => world.clock.now() > lostAt + 8_000);
  assertEquals([times < 0, lost(), member.certain()], [true, 0, undefined]);
  await world.run(member.close());
});

Deno.test("a heartbeat that is answered after two seconds keeps the membership without a gap", async () => {
  using world = new World(19);
  await create(world, 1);
  const { member, lost } = await join(world, {}, world.program(slow()));
  const handle = world.cluster.handle.bind(world.cluster);
  world.cluster.handle = (async (nodeId: number, api: Api, ...rest: [never, AbortSignal]) => {
    const answer = await handle(nodeId, api, ...rest);
    if (api === "Heartbeat") await delay(2_000);
    return answer;
  }) as typeof handle;
  const began = world.clock.now();
  let gaps = 0;
  await world.until(() => {
    if (member.certain() !== undefined) gaps++;
    return world.clock.now() > began + 30_000;
  }, 40_000);
  assertEquals([lost(), gaps], [0, 0]);
  await world.run(member.close());
});
