// librdkafka beside the long fault tests: what it writes, and what it serves.
import { assertEquals } from "@std/assert";
import { ForeignClient } from "../../../tools/kafka/foreign/foreign_client.ts";
import { Librdkafka } from "../../../tools/kafka/foreign/librdkafka.ts";
import { startCluster } from "../../../tools/local_broker.ts";

Deno.test("librdkafka writes records of every codec, and serves in every kind of group", async () => {
  await using cluster = await startCluster({ nodes: 1 });
  await using java = await ForeignClient.start({ brokers: cluster.brokers });
  await using librdkafka = await Librdkafka.start({ brokers: cluster.brokers });
  await java.createTopic("codecs");
  const value = new Uint8Array(2_000).fill(7);
  for (const [index, codec] of (["none", "gzip", "snappy", "lz4", "zstd"] as const).entries()) {
    const records = [{ key: codec, value, headers: [["name", "value"]] as const }, { count: 2 }];
    const sent = await librdkafka.send({ topic: "codecs", codec, records });
    assertEquals(sent, { first: 3 * index, last: 3 * index + 2 });
  }
  const [first, ...rest] = await java.read("codecs");
  assertEquals(first!.value, value);
  assertEquals(rest.length, 14);
  for (const protocol of ["classic", "consumer", "assign"] as const) {
    const topic = `served-${protocol}`;
    await java.createTopic(topic, { partitions: 2 });
    await java.createTopic(`${topic}_results`);
    await librdkafka.startServer({ name: protocol, topic, protocol });
    assertEquals(await librdkafka.assigned(protocol, 2), [0, 1]);
    await java.send({ topic, records: [{ key: "id", value: "1" }] });
    while ((await java.read(`${topic}_results`)).length === 0);
    assertEquals(await librdkafka.stopServer(protocol), 1);
  }
});
