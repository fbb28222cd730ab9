// The fault matrix on one node: groups of Java or librdkafka and ours, and members without a
// partition.
import { assert, assertEquals } from "@std/assert";
import { connect } from "@kafka-rpc/deno";
import { ForeignClient } from "../../../tools/kafka/foreign/foreign_client.ts";
import { Librdkafka } from "../../../tools/kafka/foreign/librdkafka.ts";
import type { Cluster } from "../../../tools/kafka/cluster.ts";
import { startCluster } from "../../../tools/local_broker.ts";
import { openForAll, SHARED } from "../opening.ts";
import { newTopic, Pair } from "../pair.ts";

let cluster: Cluster;
let java: ForeignClient;
let librdkafka: Librdkafka;

openForAll(async (opened) => {
  cluster = opened.use(await startCluster({ nodes: 1 }));
  const { brokers } = cluster;
  java = opened.use(await ForeignClient.start({ brokers }));
  librdkafka = opened.use(await Librdkafka.start({ brokers }));
});

const CLIENTS = { "Java": () => java, "librdkafka": () => librdkafka };

for (const [name, client] of Object.entries(CLIENTS)) {
  for (const protocol of ["classic", "consumer"] as const) {
    Deno.test(`a client finds a server of ${name} by ${protocol}`, SHARED, async () => {
      const theirs = client();
      const topic = newTopic();
      await java.createTopic(topic, { partitions: 2 });
      await java.createTopic(`${topic}_results`);
      await theirs.startServer({ name: topic, topic, protocol });
      await theirs.assigned(topic, 2);
      await using ours = await connect({ brokers: cluster.brokers, topic });
      for (let call = 0; call < 10; call++) {
        assertEquals(await ours.call("echo", call, { timeoutMs: 5_000 }), call);
      }
      assertEquals(await theirs.stopServer(topic), 10);
    });
  }

  for (const assignor of ["range", "roundrobin"] as const) {
    for (const first of ["theirs", "ours"] as const) {
      Deno.test(
        `a group of ${name} by ${assignor} and of ours shares its partitions, ${first} first`,
        SHARED,
        async () => {
          const theirs = client();
          const topic = newTopic();
          await java.createTopic(topic, { partitions: 4 });
          const start = async () => {
            await theirs.startServer({ name: topic, topic, protocol: "classic", assignor });
            await theirs.assigned(topic);
          };
          if (first === "theirs") await start();
          await using pair = await Pair.start({ brokers: cluster.brokers, topic });
          if (first === "ours") await start();
          for (let call = 0; call < 100; call++) await pair.echo();
          const answered = await theirs.stopServer(topic);
          const { succeeded } = pair.server.counts;
          assert(answered > 0 && succeeded > 0, `${answered} by theirs, ${succeeded} by ours`);
          assertEquals(answered + succeeded, 100);
          // All of it is ours again.
          for (let call = 0; call < 20; call++) await pair.echo();
        },
      );
    }
  }
}

Deno.test(
  "a member for which no partition is left takes over when the other one leaves",
  SHARED,
  async () => {
    const topic = newTopic();
    await java.createTopic(topic, { partitions: 1 });
    await java.startServer({ name: topic, topic, protocol: "classic", assignor: "range" });
    await java.assigned(topic, 1);
    await using pair = await Pair.start({ brokers: cluster.brokers, topic });
    for (let call = 0; call < 20; call++) await pair.echo();
    const answered = await java.stopServer(topic);
    assertEquals(answered + pair.server.counts.succeeded, 20);
    for (let call = 0; call < 20; call++) await pair.echo();
    assertEquals(answered + pair.server.counts.succeeded, 40);
  },
);
