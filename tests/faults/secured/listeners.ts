/**
 * The secured node, whose listeners each let in whom they should, and the foreign client beside it.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Admin, Kafka, type KafkaConfig, logLevel } from "../../../tools/quiet_kafkajs.ts";
import { ForeignError } from "../../../tools/kafka/foreign/line_channel.ts";
import type { ReadRecord } from "../../../tools/kafka/foreign/records.ts";
import { type ListenerName, USERS } from "../../../tools/kafka/secured/listeners.ts";
import { unsecuredToken } from "../../../tools/kafka/secured/token.ts";
import { SHARED } from "../opening.ts";
import { foreign, node } from "./node.ts";

type Login = Pick<KafkaConfig, "sasl" | "ssl">;

/** Asks something that only somebody who was let in can ask. */
async function enter<T>(
  listener: ListenerName,
  { sasl, ssl }: Login,
  ask: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = new Kafka({
    brokers: node.brokers(listener),
    ...sasl && { sasl },
    ...ssl && { ssl },
    logLevel: logLevel.NOTHING,
    // A busy machine is no reason to be turned away.
    connectionTimeout: 20_000,
    authenticationTimeout: 20_000,
    retry: { retries: 0 },
  }).admin();
  try {
    await admin.connect();
    return await ask(admin);
  } finally {
    await admin.disconnect();
  }
}

const topics = (admin: Admin) => admin.listTopics();

function login(user: keyof typeof USERS, password: string = USERS[user]) {
  return { sasl: { mechanism: "plain", username: user, password } } as const;
}

/** Reads again and again, until there is a record. */
async function until(read: () => Promise<ReadRecord[]>): Promise<ReadRecord> {
  while (true) {
    const [first] = await read();
    if (first !== undefined) return first;
  }
}

Deno.test("a secured node takes PLAIN, SCRAM and unsigned tokens", async () => {
  const by = { username: "admin", password: USERS.admin };
  await enter("sasl", { sasl: { mechanism: "plain", ...by } }, topics);
  await enter("sasl", { sasl: { mechanism: "scram-sha-256", ...by } }, topics);
  await enter("sasl", { sasl: { mechanism: "scram-sha-512", ...by } }, topics);
  const oauthBearerProvider = () => Promise.resolve({ value: unsecuredToken("admin") });
  await enter("sasl", { sasl: { mechanism: "oauthbearer", oauthBearerProvider } }, topics);
});

Deno.test("a secured node refuses a wrong password", async () => {
  await assertRejects(
    () => enter("sasl", login("admin", "wrong"), topics),
    Error,
    "Invalid username or password",
  );
});

Deno.test("a secured node's authority is all that TLS needs, with a login or without", async () => {
  const ssl = { ca: node.certificates.ca };
  await enter("tls", { ssl }, topics);
  await enter("sasl_tls", { ssl, ...login("admin") }, topics);
  await assertRejects(() => enter("tls", {}, topics));
});

Deno.test("mutual TLS lets in the client's certificate, also with an encrypted key", async () => {
  const { ca } = node.certificates;
  await enter("mutual_tls", { ssl: { ca, ...await node.certificates.pair("client") } }, topics);
  const ssl = { ca, ...await node.certificates.encryptedPair() };
  await enter("mutual_tls", { ssl }, topics);
});

Deno.test("mutual TLS lets in neither nobody nor an expired or foreign certificate", async () => {
  const { ca } = node.certificates;
  await assertRejects(() => enter("mutual_tls", { ssl: { ca } }, topics));
  for (const name of ["expired-client", "foreign-client"] as const) {
    const ssl = { ca, ...await node.certificates.pair(name) };
    await assertRejects(() => enter("mutual_tls", { ssl }, topics), Error, undefined, name);
  }
});

Deno.test("the broker's expired and misnamed certificates are refused by its clients", async () => {
  const ssl = { ca: node.certificates.ca };
  await assertRejects(() => enter("tls_expired", { ssl }, topics));
  await assertRejects(() => enter("tls_misnamed", { ssl }, topics), Error, "altnames");
});

Deno.test("a user without rights sees no topic and may create none, an admin may", async () => {
  // The library's own wait fails where the broker has not heard of the topic yet.
  const create = (topic: string) => (admin: Admin) =>
    admin.createTopics({ waitForLeaders: false, topics: [{ topic }] });
  await enter("sasl", login("admin"), create("of-admin"));
  assertEquals(await enter("sasl", login("client"), topics), []);
  await assertRejects(() => enter("sasl", login("client"), create("of-client")));
  // Other tests have topics on this node too.
  const created = (await enter("open", {}, topics)).filter((topic) => topic.startsWith("of-"));
  assertEquals(created, ["of-admin"]);
});

Deno.test("the listener of IPv6 is there exactly where the machine has it", async () => {
  const port = node.listeners.includes("ipv6") ? node.port("ipv6") : undefined;
  const addresses = Deno.networkInterfaces().map(({ address }) => address);
  assertEquals(port !== undefined, addresses.includes("::1"));
  if (port !== undefined) (await Deno.connect({ hostname: "::1", port })).close();
});

Deno.test(
  "a foreign client writes and reads records of every codec as they are",
  SHARED,
  async () => {
    await foreign.createTopic("codecs");
    const headers = [["name", "first"], ["name", "second"], ["none", null]] as const;
    const value = new Uint8Array(2_000).fill(7);
    for (const [index, codec] of (["none", "gzip", "snappy", "lz4", "zstd"] as const).entries()) {
      const records = [{ key: codec, value, headers, timestamp: 1_000 }, { count: 2, value: null }];
      const sent = await foreign.send({ topic: "codecs", codec, records });
      assertEquals(sent, { first: 3 * index, last: 3 * index + 2 });
    }
    const read = await foreign.read("codecs", { from: 3 });
    assertEquals(read.length, 12);
    const text = (bytes: Uint8Array | null) => bytes && new TextDecoder().decode(bytes);
    assertEquals(text(read[0]!.key), "gzip");
    assertEquals(read[0]!.value, value);
    assertEquals(read[0]!.headers.map(([name, value]) => [name, text(value)]), [
      ["name", "first"],
      ["name", "second"],
      ["none", null],
    ]);
    assertEquals(read[0]!.timestamp, 1_000);
    assertEquals(read[1]!.value, null);
  },
);

Deno.test(
  "a foreign client holds a transaction open until it commits or aborts it",
  SHARED,
  async () => {
    await foreign.createTopic("transactions");
    const send = (value: string) =>
      foreign.send({ topic: "transactions", transaction: "t", records: [{ value }] });
    const committed = () => foreign.read("transactions", { isolation: "read_committed" });
    await foreign.beginTransaction("t");
    await send("one");
    assertEquals((await foreign.read("transactions")).length, 1);
    assertEquals(await committed(), []);
    await foreign.commitTransaction("t");
    await foreign.beginTransaction("t");
    await send("two");
    await foreign.abortTransaction("t");
    // The first one's marker takes an offset, too.
    assertEquals((await foreign.read("transactions")).map(({ offset }) => offset), [0, 2]);
    assertEquals((await committed()).map(({ offset }) => offset), [0]);
  },
);

Deno.test("a foreign client grants rights and takes them away", SHARED, async () => {
  await foreign.createTopic("guarded");
  const seen = () => enter("sasl", login("client"), topics);
  await foreign.setRights("client", [{ on: "topic", name: "guarded", may: "Describe" }]);
  assertEquals(await seen(), ["guarded"]);
  await foreign.setRights("client", []);
  assertEquals(await seen(), []);
});

Deno.test("a foreign client passes the broker's refusal on, with its number", SHARED, async () => {
  const error = await assertRejects(() => foreign.deleteTopics(["absent"]), ForeignError);
  assertEquals(error.code, 3);
});

Deno.test("a foreign client sets quotas, settings and passwords", SHARED, async () => {
  await foreign.setQuotas("client", { producer_byte_rate: 1_000, request_percentage: 1 });
  await foreign.setQuotas("client", { producer_byte_rate: null, request_percentage: null });
  await foreign.createTopic("stamped", { settings: { "message.timestamp.type": "LogAppendTime" } });
  await foreign.send({ topic: "stamped", records: [{ timestamp: 1_000 }] });
  await foreign.configure({ topic: "stamped" }, { "message.timestamp.type": null });
  await foreign.send({ topic: "stamped", records: [{ timestamp: 1_000 }] });
  const [appended, created] = await foreign.read("stamped");
  assert(appended!.timestamp > 1_000);
  assertEquals(created!.timestamp, 1_000);
  await foreign.setPassword("late", "late-secret");
  const sasl = { mechanism: "scram-sha-256", username: "late", password: "late-secret" } as const;
  await enter("sasl", { sasl }, topics);
});

Deno.test(
  "a foreign client serves in a classic group, in one of KIP-848, and in none",
  SHARED,
  async () => {
    for (const protocol of ["classic", "consumer", "assign"] as const) {
      const topic = `served-${protocol}`;
      await foreign.createTopic(topic, { partitions: 2 });
      await foreign.createTopic(`${topic}_results`);
      await foreign.startServer({ name: protocol, topic, protocol });
      assertEquals(await foreign.assigned(protocol), [0, 1]);
      await foreign.send({ topic, records: [{ key: "id", value: "1" }] });
      const reply = await until(() => foreign.read(`${topic}_results`));
      assertEquals(reply.key, new TextEncoder().encode("id"));
      assertEquals(reply.headers.map(([name]) => name), [
        "rpc-version",
        "rpc-status",
        "rpc-server",
      ]);
      assertEquals(await foreign.stopServer(protocol), 1);
    }
  },
);
