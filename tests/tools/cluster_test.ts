import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { listBrokers } from "../../tools/kafka/ready.ts";
import { startNodes } from "../../tools/kafka/cluster.ts";
import type { NodePlace } from "../../tools/kafka/node_settings.ts";
import type { Way } from "../../tools/kafka/way.ts";
import type { Command } from "../../tools/kept_process.ts";

const FAKE_BROKER = new URL("./fake_broker.ts", import.meta.url).href;
const DENO = [Deno.execPath(), "run", "--no-config", "--no-lock", "--allow-net"] as const;

/** A fake Kafka that does what a command of the node's own place says. */
function way(step: (node: NodePlace) => Command): Way {
  return {
    name: "a fake Kafka",
    takesSignals: true,
    plan: (node) => ({
      folderPrefix: "kafka-rpc-cluster-",
      files: {},
      steps: [[Deno.execPath(), "eval", "Deno.mkdirSync('data')"], step(node)],
      graceMs: 5000,
      forwardLines: false,
    }),
  };
}

const fake = way((node) => [...DENO, FAKE_BROKER, String(node.advertised ?? node.port)]);

/** Whether a program answers there. */
const answers = (port: number) => listBrokers("127.0.0.1", port).then(() => true, () => false);

Deno.test("a node is killed, and starts again on its port and in its folder", async () => {
  await using cluster = await startNodes(fake, { nodes: 2 });
  const [node, other] = cluster.nodes;
  const pid = node!.pid;
  await node!.kill();
  assertEquals([await answers(node!.port), await answers(other!.port)], [false, true]);
  assertEquals(node!.up, false);
  // The first step would fail on the folder that it made: only the last one runs again.
  await node!.restart();
  assertEquals([await answers(node!.port), node!.pid !== pid], [true, true]);
});

Deno.test("a node is suspended, resumed and stopped", async () => {
  await using cluster = await startNodes(fake, { nodes: 1 });
  const [node] = cluster.nodes;
  node!.suspend();
  const answer = answers(node!.port);
  node!.resume();
  assertEquals(await answer, true);
  node!.suspend();
  await node!.stop();
  assertEquals(await answers(node!.port), false);
});

Deno.test("a node that does not run takes no signal, one that does is not started", async () => {
  await using cluster = await startNodes(fake, { nodes: 1 });
  const [node] = cluster.nodes;
  await assertRejects(() => node!.start(), Error, "Cannot start node 1: it runs.");
  await node!.kill();
  assertThrows(() => node!.suspend(), Error, "Cannot send SIGSTOP to node 1: it does not run.");
});

Deno.test("the addresses of a cluster are those that it advertises", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const plan = { nodes: 1, advertised: [port] };
  const behind = way((node) => [...DENO, FAKE_BROKER, String(node.port), String(node.advertised)]);
  await using cluster = await startNodes(behind, plan);
  assertEquals(cluster.brokers, [`127.0.0.1:${port}`]);
});

Deno.test("close() removes the folders, of nodes that are down or suspended too", async () => {
  const log: string[] = [];
  const cluster = await startNodes(fake, { nodes: 2, log: (line) => log.push(line) });
  const [down, suspended] = cluster.nodes;
  await down!.kill();
  suspended!.suspend();
  await cluster.close();
  assertEquals(await answers(suspended!.port), false);
  assertEquals(await suspended!.logTail(), "");
});

Deno.test("one node that cannot start ends the others", async () => {
  const broken = way((node) =>
    node.id === 2
      ? [Deno.execPath(), "eval", "console.error('no room'); Deno.exit(3)"]
      : [Deno.execPath(), "eval", "setInterval(() => {}, 1000)"]
  );
  await assertRejects(() => startNodes(broken, { nodes: 2 }), Error, "no room");
});
