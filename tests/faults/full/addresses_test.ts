// The fault matrix: names with a dead address, and brokers that come back elsewhere.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connect, serve, silentLogger } from "@kafka-rpc/deno";
import { freePorts } from "../../../tools/kafka/node_settings.ts";
import { startCluster } from "../../../tools/local_broker.ts";
import { rpc, values } from "../../integration/cli/program.ts";
import { Child } from "../child.ts";
import type { ClientSetup } from "../fixtures/client.ts";
import { FullListener, HostNames, Relay } from "../host_names.ts";
import { judge } from "../oracle.ts";
import { newTopic } from "../pair.ts";
import { allMoved, MovingCluster } from "../rows_addresses.ts";
import { answerTo, type Work } from "../work.ts";

const NAME = "bootstrap.test";
const ADDRESSES = ["127.0.0.2", "127.0.0.3"];

const work = ({ call, text }: Work) => ({ call, answer: answerTo(text) });

/** What may be at the first address of a name. */
const DEAD: Readonly<
  Record<string, (address: string, port: number) => Promise<Disposable | undefined>>
> = {
  "refuses connections": () => Promise.resolve(undefined),
  "swallows connections": (address, port) => FullListener.fill(address, port),
  "takes connections and says nothing": (hostname, port) => {
    return Promise.resolve(Deno.listen({ hostname, port }));
  },
};

for (const [what, make] of Object.entries(DEAD)) {
  Deno.test(`the first call by a name whose first address ${what} comes within 2 s`, async () => {
    await using cluster = await startCluster({ nodes: 1 });
    const topic = newTopic();
    const options = { brokers: cluster.brokers, topic, commands: { work }, logger: silentLogger };
    await using _server = await serve(options);
    await using hosts = await HostNames.make(NAME, ADDRESSES);
    const [dead = "", live = ""] = await hosts.addresses(NAME);
    const [port = 0] = freePorts(1);
    using _live = new Relay(live, port, cluster.nodes[0]!.port);
    using _dead = await make(dead, port);
    const setup: ClientSetup = {
      options: { brokers: [`${NAME}:${port}`], topic },
      load: { perSecond: 20, timeoutMs: 10_000 },
    };
    await using client = new Child("client.ts", setup, { hosts });
    const afterMs = Number((await client.said("answered"))["afterMs"]);
    console.log(`first call by a name whose first address ${what}: ${Math.round(afterMs)} ms`);
    assert(afterMs < 2_000, `it came after ${Math.round(afterMs)} ms`);
  });
}

Deno.test("a broker of the list that takes connections and says nothing holds up no start", async () => {
  await using cluster = await startCluster({ nodes: 1 });
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const brokers = [`127.0.0.1:${(silent.addr as Deno.NetAddr).port}`, ...cluster.brokers];
  const options = { brokers, topic: newTopic(), logger: silentLogger };
  const began = performance.now();
  await using server = await serve({ ...options, commands: { work } });
  const servesAfter = performance.now() - began;
  // By chance either of them comes first.
  for (let round = 0; round < 8; round++) {
    const began = performance.now();
    await using client = await connect(options);
    assertEquals(await client.call("work", { text: "x" }), { answer: answerTo("x") });
    const took = Math.round(performance.now() - began);
    assert(took < 2_000, `the first call of client ${round} came after ${took} ms`);
  }
  console.log(`served beside a silent broker after ${Math.round(servesAfter)} ms`);
  assertEquals(server.counts.succeeded, 8);
});

Deno.test("a doctor says that a broker cannot be reached as the cluster calls it", async () => {
  const [advertised = 0] = freePorts(1);
  await using cluster = await startCluster({ nodes: 1, advertised: [advertised] });
  const given = `127.0.0.1:${cluster.nodes[0]!.port}`;
  const topic = newTopic();
  const at = ["--json", "--topic", topic, "--brokers", given];
  await rpc(["topics", "create", ...at]);
  const ending = await rpc(["doctor", ...at]);
  const [{ checks }] = values(ending) as [{ checks: { name: string; status: string }[] }];
  const statuses = Object.fromEntries(checks.map(({ name, status }) => [name, status]));
  const names = [`broker ${given}`, `broker 127.0.0.1:${advertised}`, `group ${topic}-servers`];
  assertEquals([ending.code, ...[...names, "a call"].map((name) => statuses[name])], [
    1,
    "ok",
    "failed",
    "skipped",
    "skipped",
  ]);
  assertStringIncludes(ending.stdout, "`advertised.listeners`");
});

Deno.test("brokers that all come back under new addresses cost no call", async () => {
  await using moving = await MovingCluster.start({ nodes: 3 });
  await judge(allMoved(moving));
});

Deno.test("a client that has no call finds brokers under new addresses within 2 s of its next", async () => {
  await using moving = await MovingCluster.start({ nodes: 1 });
  const options = { brokers: moving.brokers, topic: newTopic(), logger: silentLogger };
  await using client = await connect(options);
  await using server = await serve({ ...options, commands: { echo: (input: unknown) => input } });
  assertEquals(await client.call("echo", 1), 1);
  await moving.move();
  const began = performance.now();
  assertEquals(await client.call("echo", 2, { timeoutMs: 20_000 }), 2);
  const took = Math.round(performance.now() - began);
  console.log(`first call after all brokers moved: ${took} ms`);
  assert(took < 2_000, `it took ${took} ms`);
  assertEquals(server.counts.succeeded, 2);
});
