import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { exists } from "../../tools/kafka/jars.ts";
import { newClusterId, type NodeStart, PortTakenError, startNode } from "../../tools/kafka/node.ts";
import { asEnvironment, findPlace, nodeSettings } from "../../tools/kafka/node_settings.ts";
import type { Command } from "../../tools/kept_process.ts";

const FAKE_BROKER = new URL("./fake_broker.ts", import.meta.url).href;

function start(step: (port: number) => Command, log: string[] = []): NodeStart {
  const place = findPlace(1);
  return {
    way: {
      name: "a fake Kafka",
      takesSignals: true,
      plan: (node) => ({
        folderPrefix: "kafka-rpc-node-",
        files: {},
        steps: [step(node.port)],
        graceMs: 5000,
        forwardLines: false,
      }),
    },
    place,
    voters: [place],
    clusterId: newClusterId(),
    log: (line) => log.push(line),
  };
}

Deno.test("a node is started when it answers, and ended by close", async () => {
  const log: string[] = [];
  const node = await startNode(start((port) => [
    Deno.execPath(),
    "run",
    "--no-config",
    "--no-lock",
    "--allow-net",
    FAKE_BROKER,
    String(port),
  ], log));
  await node.close();
  assertEquals(await exists(node.folder), false);
  assertEquals(log[0], "Starting a fake Kafka.");
  assertStringIncludes(log.at(-1) ?? "", "The broker answers on 127.0.0.1:");
});

Deno.test("a node that ends early is an error with the end of its output", async () => {
  const program = "console.error('the reason'); Deno.exit(3)";
  const error = await assertRejects(
    () => startNode(start(() => [Deno.execPath(), "eval", program])),
    Error,
    "Cannot start a fake Kafka: it ended with exit code 3. Its output ends with:",
  );
  assertStringIncludes(error.message, "the reason");
});

Deno.test("a port that was taken meanwhile is recognized", async () => {
  const program = "console.error('java.net.BindException: Address already in use'); Deno.exit(1)";
  await assertRejects(
    () => startNode(start(() => [Deno.execPath(), "eval", program])),
    PortTakenError,
  );
});

Deno.test("an abort gives the start up", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  const never = start(() => [Deno.execPath(), "eval", "setInterval(() => {}, 1000)"]);
  await assertRejects(() => startNode({ ...never, signal }), Error, "enough");
});

Deno.test("a cluster id never begins with a dash, which Kafka's tools take for an option", () => {
  // One in 64 random ids would: in a thousand there is one for certain.
  const ids = Array.from({ length: 1_000 }, newClusterId);
  assertEquals(ids.filter((id) => id.startsWith("-")), []);
});

Deno.test("every node of a cluster gets the same voters and its own ports", () => {
  const places = [1, 2, 3].map((id) => ({ id, port: 9000 + id, controllerPort: 9100 + id }));
  const settings = nodeSettings(places[1]!, places);
  assertEquals(settings["node.id"], "2");
  assertEquals(
    settings["controller.quorum.voters"],
    "1@127.0.0.1:9101,2@127.0.0.1:9102,3@127.0.0.1:9103",
  );
  assertEquals(settings["advertised.listeners"], "PLAINTEXT://127.0.0.1:9002");
  assertEquals(settings["offsets.topic.replication.factor"], "3");
  assertEquals(asEnvironment(settings)["KAFKA_NODE_ID"], "2");
});

Deno.test("a node behind a proxy advertises the proxy's port to clients, and its own to brokers", () => {
  const place = { id: 1, port: 9001, controllerPort: 9101, advertised: 9201, internalPort: 9301 };
  const settings = nodeSettings({ ...place, settings: { "log.retention.ms": "5" } }, [place]);
  assertEquals(
    settings["advertised.listeners"],
    "PLAINTEXT://127.0.0.1:9201,INTERNAL://127.0.0.1:9301",
  );
  assertEquals(settings["inter.broker.listener.name"], "INTERNAL");
  assertEquals(settings["log.retention.ms"], "5");
});
