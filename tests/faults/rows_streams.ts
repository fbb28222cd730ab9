/**
 * Rows of the fault matrix: streams, while brokers, servers and leaders go.
 *
 * @module
 */
import { leadersOf, untilLed } from "./cluster_admin.ts";
import type { MakeClusterRow } from "./rows_cluster.ts";
import type { MakeRow } from "./rows_connection.ts";
import { StreamLoad } from "./stream_load.ts";

/** Some seconds of values. */
const STEADY = { streams: 20, count: 400, everyMs: 20 };

/** The broker ends at once and comes back, in the middle of streams. */
export const streamsBrokerKilled: MakeRow = (arena, { calls, perSecond }) => ({
  name: "streams: broker killed, and back",
  brokers: arena.brokers,
  calls,
  load: { perSecond },
  fault: async (scene) => {
    const streams = new StreamLoad(scene, STEADY);
    await streams.came(500);
    await arena.away((node) => node.kill());
    await arena.back();
    scene.healed();
    await streams.settled("ok");
  },
});

/** The only server ends at once in the middle of streams; another one comes. */
export const streamsServerKilled: MakeRow = ({ brokers }, { calls, perSecond }) => ({
  name: "streams: server SIGKILL",
  brokers,
  calls,
  load: { perSecond },
  // What it answered since its last commit.
  extra: calls,
  fault: async (scene) => {
    const streams = new StreamLoad(scene, { ...STEADY, count: 1_000_000 });
    await streams.came(500);
    await scene.servers[0]!.kill();
    await scene.startServer().said("ready");
    scene.healed();
    const outcomes = await streams.settled("aborted");
    const wrong = outcomes.filter(({ values, delivered }) => values !== delivered);
    if (wrong.length > 0) scene.faults.push(`${wrong.length} streams with a wrong \`delivered\``);
  },
  examine: (_, ran) => {
    const again = ran.filter(({ call }) => call.startsWith("stream-")).length - STEADY.streams;
    return again > 0 ? [`${again} streams were run again`] : [];
  },
});

/** A loop far slower than the command. */
export const streamsClientSlow: MakeRow = ({ brokers }, { calls, perSecond }) => ({
  name: "streams: a slow client",
  brokers,
  // Of 20 MB and of 120 MB of values alike: V8's young generation. What is used is 3 MB more.
  leavesMb: 200,
  calls,
  load: { perSecond },
  fault: async (scene) => {
    const values = { streams: 10, count: 1_000, everyMs: 0, padding: 2_000 };
    await new StreamLoad(scene, { ...values, slowMs: 5 }).settled("ok");
  },
});

/** The leader of the topic that the values are on ends at once, and stays away. */
export const streamsLeaderMoved: MakeClusterRow = (cluster, { perSecond, calls }) => ({
  name: "3 nodes: streams, leader of the results killed",
  brokers: cluster.brokers,
  calls,
  load: { perSecond },
  fault: async (scene) => {
    const streams = new StreamLoad(scene, STEADY);
    await streams.came(500);
    const topics = [scene.topic, `${scene.topic}_results`, "__consumer_offsets"];
    const [first] = await leadersOf(scene.brokers, [topics[1]!]);
    const node = cluster.node(first!);
    await node.kill();
    const others = cluster.nodes.filter((other) => other !== node).map(({ address }) => address);
    await untilLed(others, topics, [node.id]);
    scene.healed();
    await streams.settled("ok");
    await node.restart();
  },
});
