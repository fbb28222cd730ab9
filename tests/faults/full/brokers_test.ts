// The fault matrix on a cluster of three: brokers and topics that are nobody's business.
import { assert, assertEquals } from "@std/assert";
import { ForeignClient } from "../../../tools/kafka/foreign/foreign_client.ts";
import type { Cluster } from "../../../tools/kafka/cluster.ts";
import { startCluster } from "../../../tools/local_broker.ts";
import { createTopics, untilLed, withAdmin } from "../cluster_admin.ts";
import { openForAll, SHARED } from "../opening.ts";
import { newTopic, Pair } from "../pair.ts";

const ECHO = [["rpc-version", "1"], ["rpc-command", "echo"]] as const;

let cluster: Cluster;

openForAll(async (opened) => {
  cluster = opened.use(await startCluster({ nodes: 3 }));
});

Deno.test.beforeEach(async () => {
  const down = cluster.nodes.filter(({ up }) => !up);
  await Promise.all(down.map((node) => node.restart()));
});

/** Ends a node, and waits until others lead these topics. */
async function without(id: number, topics: readonly string[]): Promise<string[]> {
  await cluster.node(id).kill();
  const brokers = cluster.nodes.filter(({ up }) => up).map(({ address }) => address);
  await untilLed(brokers, [...topics, "__consumer_offsets"], [id]);
  return brokers;
}

/** Topics of an RPC that exist before one of its sides does, and the group's own topic. */
async function prepared(): Promise<string[]> {
  const topic = newTopic();
  const topics = [topic, `${topic}_results`, `${topic}_control`];
  await createTopics(cluster.brokers, topics, 3);
  await using pair = await Pair.start({ brokers: cluster.brokers, topic });
  await pair.echo();
  return topics;
}

Deno.test("an unrelated topic without a leader keeps nobody from starting", SHARED, async () => {
  const topics = await prepared();
  const unrelated = newTopic();
  await withAdmin(cluster.brokers, (admin) =>
    admin.createTopics({
      // Its own wait fails where a broker has not heard of it yet.
      waitForLeaders: false,
      topics: [{
        topic: unrelated,
        replicaAssignment: [{ partition: 0, replicas: [3] }],
        configEntries: [{ name: "min.insync.replicas", value: "1" }],
      }],
    }));
  await untilLed(cluster.brokers, [unrelated], []);
  const brokers = await without(3, topics);
  await using pair = await Pair.start({ brokers, topic: topics[0]! });
  await pair.echo();
});

Deno.test(
  "a bootstrap broker that is down makes no server forget its answers",
  SHARED,
  async () => {
    const topics = await prepared();
    const [topic] = topics;
    const [live] = await without(3, topics);
    const brokers = [cluster.node(3).address, live!];
    await using foreign = await ForeignClient.start({ brokers: [live!] });
    await using pair = await Pair.start({ brokers, topic: topic! });
    for (let round = 0; round < 10; round++) {
      const key = `again-${round}`;
      for (let time = 0; time < 2; time++) {
        await foreign.send({ topic: topic!, records: [{ key, value: "1", headers: ECHO }] });
        // What comes later on its partition has been answered: so has this.
        const answers = pair.server.counts.received;
        while (pair.server.counts.received === answers && time === 0 && !pair.runs.has(key)) {
          await pair.echo();
        }
        await pair.echo();
        await pair.restartServer();
      }
    }
    assertEquals(pair.double, 0);
    assertEquals(pair.runs.size >= 10, true);
  },
);

Deno.test("a leader that is down keeps no partition waiting but its own", SHARED, async () => {
  const topics = await prepared();
  await using pair = await Pair.start({ brokers: cluster.brokers, topic: topics[0]! });
  await pair.echo();
  const unrelated = newTopic();
  await withAdmin(cluster.brokers, (admin) =>
    admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic: unrelated, replicaAssignment: [{ partition: 0, replicas: [3] }] }],
    }));
  await untilLed(cluster.brokers, [unrelated], []);
  await without(3, topics);
  assert(await pair.answered(20_000) < 5_000);
  assert(await pair.echo() < 2_000);
  assertEquals(pair.double, 0);
});
