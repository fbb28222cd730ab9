// The fault matrix on one node: a server whose place in its group another program has taken.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect } from "@kafka-rpc/deno";
import { ForeignClient } from "../../../tools/kafka/foreign/foreign_client.ts";
import { startCluster } from "../../../tools/local_broker.ts";
import { lasts } from "../arena.ts";
import { Child, type ChildEvent } from "../child.ts";
import type { ServerSetup } from "../fixtures/server.ts";
import { newTopic } from "../pair.ts";
import type { Work } from "../work.ts";

/** Longer than a session: the group drops the server that stands still. */
const STANDSTILL_MS = 9_000;
/** For so long the server is refused. */
const REFUSED_MS = 7_000;

const isRefusal = ({ event, text }: ChildEvent) =>
  event === "log" && /GROUP_MAX_SIZE_REACHED/.test(String(text));

Deno.test("a running server that its full group refuses says so once, and serves once there is room", async () => {
  const settings = { "group.max.size": "1" };
  await using cluster = await startCluster({ nodes: 1, settings });
  const { brokers } = cluster;
  await using foreign = await ForeignClient.start({ brokers });
  const topic = newTopic();
  const executions = await Deno.makeTempFile({ prefix: "kafka-rpc-faults-" });
  const setup: ServerSetup = { options: { brokers, topic }, executions };
  await using server = new Child("server.ts", setup);
  await server.said("ready");
  await using client = await connect({ brokers, topic });
  const work = async (timeoutMs: number) => {
    const call = crypto.randomUUID();
    const input: Work = { call, text: call, holdMs: 0, deadline: Date.now() + timeoutMs };
    await client.call("work", input, { timeoutMs });
    return (await Deno.readTextFile(executions)).includes(call) ? "ours" : "theirs";
  };
  assertEquals(await work(10_000), "ours");

  server.suspend();
  await lasts(STANDSTILL_MS);
  await foreign.startServer({ name: topic, topic, protocol: "classic" });
  await foreign.assigned(topic);
  server.resume();
  await server.events.until((events) => events.some(isRefusal), "a line that names the full group");
  assertEquals(await work(10_000), "theirs");
  await lasts(REFUSED_MS);
  assertEquals(server.events.items.filter(isRefusal).length, 1);

  await foreign.stopServer(topic);
  const began = performance.now();
  assertEquals(await work(10_000), "ours");
  const took = Math.round(performance.now() - began);
  console.log(`service ${took} ms after a full group had room again`);
  assert(took < 3_000, `it took ${took} ms`);
  assertMatch(String(server.events.items.find(isRefusal)?.["message"]), /joining again/);
  await Deno.remove(executions);
});
