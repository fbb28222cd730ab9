/**
 * Faults that strike single requests.
 *
 * @module
 */
import { delay } from "../../src/async/delay.ts";
import type { Api } from "../../src/transport/kafka/port.ts";
import { type Fault, pick, type Stage } from "./stage.ts";
import { type Mishap, MISHAPS } from "./network.ts";

/** Every request that the core makes. */
export const APIS: readonly Api[] = [
  "Metadata",
  "ListOffsets",
  "Produce",
  "Fetch",
  "FindCoordinator",
  "JoinGroup",
  "SyncGroup",
  "Heartbeat",
  "LeaveGroup",
  "OffsetCommit",
  "OffsetFetch",
  "DescribeGroups",
  "ConsumerGroupDescribe",
  "CreateTopics",
];

/** All requests now and then, or one kind nearly always. */
function mishapFault(name: Mishap): Fault {
  return {
    name,
    mostMs: 6_000,
    strike({ world }) {
      const only = world.clock.random() < 0.6 ? pick(world, APIS) : undefined;
      const share = only === undefined ? 0.2 : 0.8;
      const weather = {
        mishap(api: Api) {
          if (only !== undefined && api !== only) return undefined;
          return world.clock.random() > share ? undefined : name;
        },
      };
      world.network.weathers.add(weather);
      return () => void world.network.weathers.delete(weather);
    },
  };
}

/** One for each mishap. */
export const MISHAP_FAULTS: readonly Fault[] = MISHAPS.map(mishapFault);

/** Every mishap with every request. */
const PAIRS = APIS.flatMap((api) => MISHAPS.map((mishap) => ({ mishap, api })));
/** A rare request comes so late at the earliest. */
const PROVOKED_MS = { least: 2_000, most: 30_000 };
/** Most requests in a row that it meets. */
const MOST_TIMES = 3;

/**
 * Lets a mishap meet a request that may be rare: the seeds go through all pairs.
 *
 * @param stage Where.
 * @param seed Decides the pair.
 */
export async function strikeDirectly(stage: Stage, seed: number): Promise<void> {
  const { mishap, api } = PAIRS[(seed - 1) % PAIRS.length]!;
  const { network, clock, onMishap } = stage.world;
  let left = 1 + Math.floor(clock.random() * MOST_TIMES);
  const weather = { mishap: (one: Api) => one === api && left > 0 ? mishap : undefined };
  onMishap.add((met, one) => {
    if (met === mishap && one === api) left--;
  });
  network.weathers.add(weather);
  const { least, most } = PROVOKED_MS;
  await delay(least + clock.random() * (most - least));
  await provoke(stage, api);
}

/** Makes that a rare request comes. */
async function provoke({ world, servers, clients, incidents }: Stage, api: Api): Promise<void> {
  switch (api) {
    case "FindCoordinator":
      incidents.add("coordinators move", servers.moveHarmMs);
      return world.cluster.groups.move();
    case "DescribeGroups":
    case "ConsumerGroupDescribe": {
      const end = incidents.add("all servers restart", Infinity);
      const restarted = servers.restart(Infinity, 8_000).finally(end);
      // A client that has not heard of a server yet asks whether there is one: after they left.
      await delay(2_000);
      const close = await clients.begin(10, 4_000);
      await restarted;
      await close();
      return;
    }
    case "JoinGroup":
    case "SyncGroup":
    case "LeaveGroup":
    case "OffsetFetch":
    case "ListOffsets":
      return await servers.restart(1, 0);
  }
}
