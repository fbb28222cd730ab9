// What is known of a cluster, and how long; the test plays the brokers.
import { assertEquals, assertRejects } from "@std/assert";
import { KafkaFailure } from "../../../src/transport/kafka/errors.ts";
import { ConnectionFailed } from "../../../src/transport/kafka/port.ts";
import { ManualClock } from "../../manual_clock.ts";
import { FakePort, metadata } from "./fake_port.ts";

const { signal } = new AbortController();
const refused = () => Promise.reject(new ConnectionFailed("network", "connection refused"));

Deno.test("a topic is asked about by its name, once", async () => {
  const port = new FakePort(metadata(1, { t: [1], unrelated: [-1] }));
  const cluster = port.cluster(1);
  await Promise.all([cluster.topic("t", { signal }), cluster.topic("t", { signal })]);
  await cluster.topic("t", { signal });
  assertEquals(port.asked.items.map(({ request }) => request), [{ topics: ["t"], rights: false }]);
});

Deno.test("what is known of a topic is renewed in the background", async () => {
  using clock = new ManualClock();
  let leader = 1;
  const port = new FakePort((asked) => metadata(2, { t: [leader] })(asked));
  const cluster = port.cluster(1);
  const look = async () => (await cluster.topic("t", { signal })).partitions[0]?.leader;
  const first = await look();
  leader = 2;
  await clock.advance(4_000);
  const known = await look();
  await clock.advance(1);
  assertEquals([first, known, await look()], [1, 1, 2]);
});

Deno.test("what was forgotten is asked for again", async () => {
  const port = new FakePort(metadata(1, { t: [1] }));
  const cluster = port.cluster(1);
  await cluster.topic("t", { signal });
  cluster.forgetTopic("t");
  await cluster.topic("t", { signal });
  assertEquals(port.asked.items.length, 2);
});

Deno.test("a topic's error is its own, and named by what it was asked for", async () => {
  const cluster = new FakePort(metadata(1, { t: [1], closed: { error: 29 } })).cluster(1);
  const asked = cluster.topic("closed", { signal, purpose: "Fetch" });
  const failure = await assertRejects(() => asked, KafkaFailure, "may not Read topic closed");
  assertEquals([failure.code, (await cluster.topic("t", { signal })).partitions.length], [29, 1]);
});

Deno.test("a deleted topic is not remembered", async () => {
  const there: Record<string, number[]> = { t: [1] };
  const cluster = new FakePort((asked) => metadata(1, there)(asked)).cluster(1);
  await cluster.topic("t", { signal });
  delete there["t"];
  await assertRejects(() => cluster.topic("t", { signal, fresh: true }), KafkaFailure);
  await assertRejects(() => cluster.topic("t", { signal }), KafkaFailure, "UNKNOWN_TOPIC");
});

Deno.test("where all known brokers are gone, the bootstrap brokers are asked", async () => {
  const port = new FakePort(metadata(3, { t: [1] }));
  const cluster = port.cluster(9);
  await cluster.topic("t", { signal });
  for (const connection of port.connections) {
    connection.fail(new ConnectionFailed("network", "reset"));
  }
  port.opening = (to) => to === 9 ? undefined : refused();
  assertEquals((await cluster.topic("t", { signal, fresh: true })).partitions.length, 1);
});

Deno.test("a broker under a new address is found there", async () => {
  let at = 1;
  const port = new FakePort(() => ({
    throttleMs: 0,
    brokers: [{ nodeId: 1, host: "b", port: at }],
    controllerId: 1,
    topics: [],
  }));
  const cluster = port.cluster(9);
  const lane = cluster.lane();
  await lane.send(1, "Metadata", { topics: [] }, { signal });
  at = 5;
  await cluster.metadata([], signal);
  await lane.send(1, "Metadata", { topics: [] }, { signal });
  assertEquals(port.opens.items, [9, 1, 5]);
});

Deno.test("a coordinator is remembered until it is forgotten, with its address", async () => {
  const port = new FakePort((asked) =>
    asked.api === "Metadata"
      ? metadata(1)(asked)
      : { throttleMs: 0, error: 0, nodeId: 7, host: "b", port: 7 }
  );
  const cluster = port.cluster(1);
  await cluster.coordinator("g", { signal });
  await cluster.coordinator("g", { signal });
  const asked = port.asked.items.length;
  cluster.forgetCoordinator("g");
  await cluster.coordinator("g", { signal });
  await cluster.lane().send(7, "Metadata", { topics: [] }, { signal });
  assertEquals([asked, port.asked.items.length, port.opens.items.at(-1)], [1, 3, 7]);
});

Deno.test("a coordinator that may not be looked for names the right", async () => {
  const port = new FakePort(() => ({ throttleMs: 0, error: 30, nodeId: -1, host: "", port: 0 }));
  const cluster = port.cluster(1);
  const purpose = "DescribeGroups";
  await assertRejects(
    () => cluster.coordinator("g", { signal, purpose }),
    KafkaFailure,
    "may not Describe group g",
  );
});

Deno.test("close() ends questions and connections, and opens no others", async () => {
  const port = new FakePort(() => new Promise(() => {}));
  const cluster = port.cluster(1);
  const asked = cluster.topic("t", { signal });
  await port.asked.at(0);
  cluster.close();
  await assertRejects(() => asked, ConnectionFailed);
  assertEquals(port.connections.map(({ isOpen }) => isOpen), [false]);
});
