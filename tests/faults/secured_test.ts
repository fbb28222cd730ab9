// The secured node: each of its listeners lets in whom it should, and nobody else.
import { assertEquals, assertRejects } from "@std/assert";
import { type Admin, Kafka, type KafkaConfig, logLevel } from "kafkajs";
import { type ListenerName, USERS } from "../../tools/kafka/secured/listeners.ts";
import { type SecuredNode, startSecuredNode } from "../../tools/kafka/secured/secured_node.ts";
import { unsecuredToken } from "../../tools/kafka/secured/token.ts";

let node: SecuredNode;

Deno.test.beforeAll(async () => {
  node = await startSecuredNode();
});

Deno.test.afterAll(async () => {
  await node.close();
});

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
  const create = (topic: string) => (admin: Admin) => admin.createTopics({ topics: [{ topic }] });
  await enter("sasl", login("admin"), create("of-admin"));
  assertEquals(await enter("sasl", login("client"), topics), []);
  await assertRejects(() => enter("sasl", login("client"), create("of-client")));
  assertEquals(await enter("open", {}, topics), ["of-admin"]);
});

Deno.test("the listener of IPv6 is there exactly where the machine has it", async () => {
  const port = node.listeners.includes("ipv6") ? node.port("ipv6") : undefined;
  const addresses = Deno.networkInterfaces().map(({ address }) => address);
  assertEquals(port !== undefined, addresses.includes("::1"));
  if (port !== undefined) (await Deno.connect({ hostname: "::1", port })).close();
});
