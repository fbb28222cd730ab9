/**
 * Rows of the fault matrix: nodes of a cluster of three that end, and come back or not.
 *
 * @module
 */
import type { Cluster, ClusterNode } from "../../tools/kafka/cluster.ts";
import type { Size } from "./arena.ts";
import { leadersOf, untilLed } from "./cluster_admin.ts";
import type { Row, Scene } from "./row.ts";

/** A row of any kind on a cluster. */
export type MakeClusterRow = (cluster: Cluster, size: Size) => Row;

/** Which node a row is about. */
type Choose = (cluster: Cluster, scene: Scene) => Promise<ClusterNode>;

const leader: Choose = async (cluster, { brokers, topic }) => {
  const [first] = await leadersOf(brokers, [topic]);
  return cluster.node(first!);
};

/** Where the group of the servers is kept; it has one partition here. */
const coordinator: Choose = async (cluster, { brokers }) => {
  const [first] = await leadersOf(brokers, ["__consumer_offsets"]);
  return cluster.node(first!);
};

/** Waits until every partition of the scene has a leader that is not one of these. */
async function untilOthersLead(scene: Scene, cluster: Cluster, gone: ClusterNode[]): Promise<void> {
  const brokers = cluster.nodes.filter((node) => !gone.includes(node)).map((node) => node.address);
  const topics = [scene.topic, `${scene.topic}_results`, "__consumer_offsets"];
  await untilLed(brokers, topics, gone.map(({ id }) => id));
}

/**
 * A node ends, and the row goes on without it; it comes back after that. Healed means: Kafka has
 * chosen other leaders for everything that it led.
 */
function ends(name: string, choose: Choose, how: "stop" | "kill" | "suspend"): MakeClusterRow {
  return (cluster, { perSecond, calls }) => ({
    name,
    brokers: cluster.brokers,
    calls,
    load: { perSecond },
    fault: async (scene) => {
      const node = await choose(cluster, scene);
      const began = performance.now();
      await node[how]();
      await untilOthersLead(scene, cluster, [node]);
      scene.healed();
      scene.notes.push(`others lead after ${Math.round(performance.now() - began)} ms`);
      await scene.load.succeeded(200, performance.now(), 30_000);
      if (how === "suspend") node.resume();
      else await node.restart();
    },
  });
}

/** The leader of a partition of the commands is told to end: it hands over first. */
export const leaderStopped: MakeClusterRow = ends("3 nodes: leader stopped", leader, "stop");

/** The leader of a partition of the commands ends at once. */
export const leaderKilled: MakeClusterRow = ends("3 nodes: leader killed", leader, "kill");

/** The leader of a partition of the commands takes connections, and says nothing any more. */
export const leaderSuspended: MakeClusterRow = ends(
  "3 nodes: leader SIGSTOP, and back",
  leader,
  "suspend",
);

/** The coordinator of the servers' group ends at once. */
export const coordinatorKilled: MakeClusterRow = ends(
  "3 nodes: coordinator killed",
  coordinator,
  "kill",
);

/** Two of three end: there is no quorum, and too few replicas, until both are back. */
export const twoOfThreeDown: MakeClusterRow = (cluster, { perSecond, calls }) => ({
  name: "3 nodes: two killed, and back",
  brokers: cluster.brokers,
  calls,
  load: { perSecond, timeoutMs: 60_000, maxOpen: 5_000 },
  fault: async (scene) => {
    const gone = cluster.nodes.slice(1);
    await Promise.all(gone.map((node) => node.kill()));
    await Promise.all(gone.map((node) => node.restart()));
    await untilOthersLead(scene, cluster, []);
  },
});
