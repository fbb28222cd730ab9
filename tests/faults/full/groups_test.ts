// The fault matrix on one node: groups that other programs form, and groups that are refused.
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { connect, RpcError, serve, silentLogger } from "@kafka-rpc/deno";
import { ForeignClient } from "../../../tools/kafka/foreign/foreign_client.ts";
import type { Cluster } from "../../../tools/kafka/cluster.ts";
import { startCluster } from "../../../tools/local_broker.ts";
import { lasts } from "../arena.ts";
import { openForAll, SHARED } from "../opening.ts";
import { newTopic, Pair } from "../pair.ts";

let cluster: Cluster;
let foreign: ForeignClient;

openForAll(async (opened) => {
  cluster = opened.use(await startCluster({ nodes: 1 }));
  foreign = opened.use(await ForeignClient.start({ brokers: cluster.brokers }));
});

const commands = { echo: (input: unknown) => input };

/** Topics of an RPC whose server is a foreign one. */
async function served(
  protocol: "consumer" | "assign",
  options: { commits?: boolean } = {},
): Promise<string> {
  const topic = newTopic();
  await foreign.createTopic(topic, { partitions: 2 });
  await foreign.createTopic(`${topic}_results`);
  await foreign.startServer({ name: topic, topic, protocol, ...options });
  await foreign.assigned(topic, 2);
  return topic;
}

Deno.test(
  "a client that has heard a server by assign() refuses no call for ten seconds",
  SHARED,
  async () => {
    const topic = await served("assign");
    await using client = await connect({ brokers: cluster.brokers, topic });
    const first = { timeoutMs: 5_000, waitForServer: true };
    assertEquals(await client.call("echo", 1, first), 1);
    await lasts(2_000);
    assertEquals(await client.call("echo", 2, { timeoutMs: 5_000 }), 2);
    // Another group member that comes and goes leaves an empty group behind.
    const options = { brokers: cluster.brokers, topic, commands, logger: silentLogger };
    await (await serve(options)).close();
    await lasts(6_000);
    assertEquals(await client.call("echo", 3, { timeoutMs: 5_000 }), 3);
    await foreign.stopServer(topic);
  },
);

Deno.test(
  "a server by assign() that commits is found while it answers other clients",
  SHARED,
  async () => {
    const topic = await served("assign", { commits: true });
    const options = { brokers: cluster.brokers, topic };
    await using other = await connect({ ...options, waitForServer: true });
    assertEquals(await other.call("echo", 1, { timeoutMs: 5_000 }), 1);
    // Its commit moves the offset: a client that saw it before and after would know that it listens.
    await lasts(2_000);
    await using client = await connect(options);
    await assertRejects(() => client.call("echo", 2, { timeoutMs: 5_000 }), RpcError);
    assertEquals(await other.call("echo", 3, { timeoutMs: 5_000 }), 3);
    await lasts(2_000);
    assertEquals(await client.call("echo", 4, { timeoutMs: 5_000 }), 4);
    await foreign.stopServer(topic);
  },
);

Deno.test("a call is refused at once where really nobody listens", SHARED, async () => {
  await using client = await connect({ brokers: cluster.brokers, topic: newTopic() });
  const began = performance.now();
  const error = await assertRejects(() => client.call("echo", 1), RpcError);
  assertEquals(error.code, "unavailable");
  assert(performance.now() - began < 2_000);
});

/** A start that must end at once, with a reason. */
async function refused(topic: string, says: RegExp): Promise<void> {
  const began = performance.now();
  const options = { brokers: cluster.brokers, topic, commands, logger: silentLogger };
  const error = await assertRejects(() => serve(options), RpcError);
  assertMatch(error.message, says);
  assert(!/check that the brokers are up/i.test(error.message), error.message);
  assert(performance.now() - began < 8_000);
}

Deno.test(
  "a group whose members agree on no protocol ends the start with that reason",
  SHARED,
  async () => {
    const topic = newTopic();
    await foreign.createTopic(topic);
    await foreign.createTopic(`${topic}_results`);
    const assignor = "cooperative-sticky";
    await foreign.startServer({ name: topic, topic, protocol: "classic", assignor });
    await foreign.assigned(topic);
    await refused(topic, /INCONSISTENT_GROUP_PROTOCOL|protocol/i);
    await foreign.stopServer(topic);
  },
);

Deno.test("a group of KIP-848 takes a classic member in, and both answer", SHARED, async () => {
  const topic = await served("consumer");
  await using pair = await Pair.start({ brokers: cluster.brokers, topic });
  for (let call = 0; call < 50; call++) await pair.echo();
  const answered = await foreign.stopServer(topic);
  assertEquals(answered + pair.server.counts.succeeded, 50);
  for (let call = 0; call < 20; call++) await pair.echo();
});

Deno.test("a group that is full ends the start with that reason", SHARED, async () => {
  await using small = await startCluster({ nodes: 1, settings: { "group.max.size": "1" } });
  await using pair = await Pair.start({ brokers: small.brokers });
  await pair.echo();
  const options = { brokers: small.brokers, topic: pair.topic, commands, logger: silentLogger };
  const began = performance.now();
  const error = await assertRejects(() => serve(options), RpcError);
  assertMatch(error.message, /GROUP_MAX_SIZE_REACHED|full|max/i);
  assert(performance.now() - began < 8_000);
  await pair.echo();
});

Deno.test(
  "a range of session time-outs that excludes ours ends the start with that reason",
  SHARED,
  async () => {
    const settings = { "group.min.session.timeout.ms": "60000" };
    await using slow = await startCluster({ nodes: 1, settings });
    const options = { brokers: slow.brokers, topic: newTopic(), commands, logger: silentLogger };
    const began = performance.now();
    const error = await assertRejects(() => serve(options), RpcError);
    assertMatch(error.message, /session/i);
    assert(performance.now() - began < 8_000);
  },
);
