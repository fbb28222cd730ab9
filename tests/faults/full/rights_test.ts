// The fault matrix on a secured node: rights that are missing, revoked and given back; quotas.
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { connect, RpcError, serve, silentLogger } from "@kafka-rpc/deno";
import { ForeignClient, type Right } from "../../../tools/kafka/foreign/foreign_client.ts";
import { USERS } from "../../../tools/kafka/secured/listeners.ts";
import { type SecuredNode, startSecuredNode } from "../../../tools/kafka/secured/secured_node.ts";
import { lasts } from "../arena.ts";
import { openForAll, SHARED } from "../opening.ts";
import { newTopic, Pair } from "../pair.ts";

let node: SecuredNode;
let foreign: ForeignClient;

openForAll(async (opened) => {
  node = opened.use(await startSecuredNode());
  foreign = opened.use(await ForeignClient.start({ brokers: node.brokers("open") }));
});

const login = (username: "client" | "server") =>
  ({ sasl: { mechanism: "plain", username, password: USERS[username] } }) as const;

const commands = { echo: (input: unknown) => input };

/** All that a client needs. */
const CLIENT = (topic: string): Right[] => [
  { on: "topic", name: topic, may: "Write" },
  { on: "topic", name: `${topic}_results`, may: "Read" },
  { on: "topic", name: `${topic}_control`, may: "Write" },
  { on: "group", name: `${topic}-servers`, may: "Describe" },
];

/** All that a server needs. */
const SERVER = (topic: string): Right[] => [
  { on: "topic", name: topic, may: "Read" },
  { on: "group", name: `${topic}-servers`, may: "Read" },
  { on: "topic", name: `${topic}_results`, may: "Write" },
  { on: "topic", name: `${topic}_results`, may: "Read" },
  { on: "topic", name: `${topic}_control`, may: "Read" },
  { on: "topic", name: `${topic}-dlt`, may: "Write" },
];

/** The four topics, made by somebody who may. */
async function prepared(): Promise<string> {
  const topic = newTopic();
  for (const name of [topic, `${topic}_results`, `${topic}_control`, `${topic}-dlt`]) {
    await foreign.createTopic(name);
  }
  return topic;
}

/** Topics, and whoever uses them may do all that the docs name. */
async function withAllRights(): Promise<string> {
  const topic = await prepared();
  await foreign.setRights("client", CLIENT(topic));
  await foreign.setRights("server", SERVER(topic));
  return topic;
}

function start(topic: string): Promise<Pair> {
  return Pair.start({
    brokers: node.brokers("sasl"),
    topic,
    serve: { ...login("server"), createTopics: false, deadLetters: true },
    connect: { ...login("client"), createTopics: false },
  });
}

Deno.test(
  "the rights that the docs name are all that a client and a server need",
  SHARED,
  async () => {
    const topic = await withAllRights();
    await using pair = await start(topic);
    await pair.echo();
    assertEquals(pair.serverLog.messages("error"), []);
  },
);

/** Whatever is missing: the start says so, or a call does; never silence. */
for (const index of [0, 1, 2]) {
  Deno.test(`a client without right ${index} hears which one it is, at once`, SHARED, async () => {
    const topic = await prepared();
    const rights = CLIENT(topic);
    const { may, on, name } = rights[index]!;
    await foreign.setRights("client", rights.toSpliced(index, 1));
    await foreign.setRights("server", SERVER(topic));
    const options = { brokers: node.brokers("sasl"), topic, commands, logger: silentLogger };
    await using _server = await serve({ ...options, ...login("server"), createTopics: false });
    const began = performance.now();
    const error = await assertRejects(async () => {
      await using client = await connect({
        brokers: options.brokers,
        topic,
        ...login("client"),
        createTopics: false,
      });
      await client.call("echo", 1, { timeoutMs: 20_000 });
    }, RpcError);
    assertEquals(error.code, "permission_denied");
    assertStringIncludes(error.message, `${may} ${on} ${name}`);
    assert(performance.now() - began < 8_000);
  });
}

Deno.test(
  "a client that may not look at the group calls, and one line of the log says so",
  SHARED,
  async () => {
    const topic = await prepared();
    await foreign.setRights("client", CLIENT(topic).toSpliced(3, 1));
    await foreign.setRights("server", SERVER(topic));
    await using pair = await start(topic);
    await pair.echo();
    await pair.echo();
    const lines = pair.clientLog.lines.items.filter(({ level }) => level === "warn");
    assertEquals(lines.length, 1);
    assertStringIncludes(
      String(lines[0]!.fields["error"]),
      `may not Describe group ${topic}-servers`,
    );
  },
);

Deno.test("a start that may not create its topics names that right", SHARED, async () => {
  const topic = newTopic();
  await foreign.setRights("client", CLIENT(topic));
  const options = { brokers: node.brokers("sasl"), topic, ...login("client") };
  const error = await assertRejects(() => connect(options), RpcError);
  assertEquals(error.code, "permission_denied");
  assertStringIncludes(error.message, "may not Create topic faults-");
});

for (const index of [0, 1, 2, 3, 4, 5]) {
  Deno.test(`a server without right ${index} ends its start with that reason`, SHARED, async () => {
    const topic = await prepared();
    const rights = SERVER(topic);
    const { may, on, name } = rights[index]!;
    await foreign.setRights("server", rights.toSpliced(index, 1));
    const began = performance.now();
    const error = await assertRejects(() =>
      serve({
        brokers: node.brokers("sasl"),
        topic,
        commands,
        deadLetters: true,
        logger: silentLogger,
        createTopics: false,
        ...login("server"),
      }), RpcError);
    assertEquals(error.code, "permission_denied");
    assertStringIncludes(error.message, `${may} ${on} ${name}`);
    assert(performance.now() - began < 8_000);
  });
}

for (const user of ["client", "server"] as const) {
  Deno.test(
    `rights that a running ${user} loses end nobody, and count at once when back`,
    SHARED,
    async () => {
      const topic = await withAllRights();
      const rights = user === "client" ? CLIENT(topic) : SERVER(topic);
      await using pair = await start(topic);
      await pair.echo();
      await foreign.setRights(user, []);
      await lasts(10_000);
      await foreign.setRights(user, rights);
      assert(await pair.answered(20_000) < 3_000);
      assert(await pair.echo() < 2_000);
      assertEquals(pair.ended, undefined);
      assertEquals(pair.double, 0);
    },
  );
}

Deno.test(
  "what a running client may not do any more is refused at once, by its name",
  SHARED,
  async () => {
    const topic = await withAllRights();
    await using pair = await start(topic);
    await pair.echo();
    await foreign.setRights("client", CLIENT(topic).slice(1));
    await lasts(1_000);
    const began = performance.now();
    const error = await assertRejects(() => pair.echo(20_000), RpcError);
    assertEquals(error.code, "permission_denied");
    assertStringIncludes(error.message, `Write topic ${topic}`);
    assert(performance.now() - began < 2_000);
  },
);

const THROTTLED = /quota of the broker/;

const QUOTAS = [
  ["producer", { producer_byte_rate: 5_000 }],
  ["consumer", { consumer_byte_rate: 5_000 }],
  ["request", { request_percentage: 0.2 }],
] as const;

for (const [name, quotas] of QUOTAS) {
  Deno.test(`a ${name} quota slows calls down and fails none`, SHARED, async () => {
    await using pair = await Pair.start({ brokers: node.brokers("open") });
    await pair.echo();
    for (const clientId of ["client", "server"]) await foreign.setQuotas(clientId, quotas);
    try {
      const end = performance.now() + 15_000;
      const calls: Promise<unknown>[] = [];
      while (performance.now() < end) {
        const input = "x".repeat(1_000);
        calls.push(pair.client.call("echo", input, { timeoutMs: 60_000 }));
        await lasts(100);
      }
      await Promise.all(calls);
      assertEquals(pair.double, 0);
      // Being slowed down is no failure of a broker; one line in 30 s says what slows it down.
      const logs = [pair.serverLog, pair.clientLog];
      assertEquals(logs.flatMap((log) => log.messages("error")), []);
      const told = logs.map((log) => log.messages("warn").filter((text) => THROTTLED.test(text)));
      assert(told.some(({ length }) => length > 0), "no line says that a quota is exceeded");
      assert(told.every(({ length }) => length <= 3), `too many lines: ${told.map(String)}`);
    } finally {
      const none = { producer_byte_rate: null, consumer_byte_rate: null, request_percentage: null };
      for (const clientId of ["client", "server"]) await foreign.setQuotas(clientId, none);
    }
  });
}
