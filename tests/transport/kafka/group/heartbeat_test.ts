// When a member sends heartbeats again, over simulated brokers.
import { assertEquals } from "@std/assert";
import { delay } from "../../../../src/async/delay.ts";
import type { Api } from "../../../../src/transport/kafka/port.ts";
import { World } from "../../../simulator/world.ts";
import { create, join } from "./joined.ts";

/**
 * Lets a coordinator answer heartbeats late: the first by the first time, and so on; those after
 * the last as the last. Infinity: the connection swallows it.
 */
function answerAfter(world: World, ...times: number[]): void {
  let asked = 0;
  world.network.weathers.add({
    mishap(api) {
      if (api !== "Heartbeat" || times[asked] !== Infinity) return undefined;
      asked++;
      return "lose request";
    },
  });
  const handle = world.cluster.handle.bind(world.cluster);
  world.cluster.handle = (async (nodeId: number, api: Api, ...rest: [never, AbortSignal]) => {
    const lateMs = api === "Heartbeat" ? times[Math.min(asked++, times.length - 1)]! : 0;
    const answer = await handle(nodeId, api, ...rest);
    if (lateMs > 0) await delay(lateMs);
    return answer;
  }) as typeof handle;
}

/** How often in this time it was looked, and not certain that this is a member; and the losses. */
async function gapsOf(
  world: World,
  { member, lost }: Awaited<ReturnType<typeof join>>,
  ms: number,
) {
  const began = world.clock.now();
  let gaps = 0;
  await world.until(() => {
    if (member.certain() !== undefined) gaps++;
    return world.clock.now() > began + ms;
  }, 2 * ms);
  return { gaps, lost: lost() };
}

for (const lateMs of [1_200, 2_000, 2_400]) {
  Deno.test(`a coordinator that answers only heartbeats late, after ${lateMs} ms, leaves no doubt about a member`, async () => {
    using world = new World(19);
    await create(world, 1);
    const joined = await join(world);
    answerAfter(world, lateMs);
    assertEquals(await gapsOf(world, joined, 30_000), { gaps: 0, lost: 0 });
    await world.run(joined.member.close());
  });
}

Deno.test("two heartbeats in a row that are lost cost no session: another reaches the coordinator", async () => {
  using world = new World(18);
  await create(world, 1);
  const joined = await join(world);
  answerAfter(world, Infinity, Infinity, 0);
  assertEquals(await gapsOf(world, joined, 12_000), { gaps: 0, lost: 0 });
  await world.run(joined.member.close());
});
