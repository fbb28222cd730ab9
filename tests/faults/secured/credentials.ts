/**
 * Options of a connection on a node that asks for them: objects of the caller's stay as they are.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { connect, type ConnectOptions, RpcError, serve, silentLogger } from "../../../mod.ts";
import { USERS } from "../../../tools/kafka/secured/listeners.ts";
import { ScratchFolder } from "../../scratch_folder.ts";
import { node } from "./node.ts";

const sasl = Object.freeze({
  mechanism: "plain" as const,
  username: "admin",
  password: USERS.admin,
});

/** Connects to a topic of its own, and closes again. */
async function enter(options: ConnectOptions): Promise<void> {
  const client = await connect({ topic: `test-${crypto.randomUUID()}`, ...options });
  await client.close();
}

Deno.test("one frozen `sasl` serves one client after the other", async () => {
  const brokers = node.brokers("sasl");
  await enter({ brokers, sasl });
  await enter({ brokers, sasl });
  assertEquals(Object.keys(sasl), ["mechanism", "username", "password"]);
});

Deno.test("a changed copy of `sasl` that has connected is checked anew", async () => {
  const brokers = node.brokers("sasl");
  const used = { ...sasl };
  await enter({ brokers, sasl: used });
  const wrong = () => enter({ brokers, sasl: { ...used, password: "wrong" } });
  assertEquals((await assertRejects(wrong, RpcError)).code, "unauthenticated");
});

Deno.test("the object of a wrong password connects once the password is corrected", async () => {
  const brokers = node.brokers("sasl");
  const changing = { ...sasl, password: "wrong" };
  await assertRejects(() => enter({ brokers, sasl: changing }), RpcError);
  changing.password = USERS.admin;
  await enter({ brokers, sasl: changing });
});

Deno.test("one frozen `ssl` serves one client after the other", async () => {
  const ssl = Object.freeze({ ca: node.certificates.ca });
  const options = { brokers: node.brokers("sasl_tls"), sasl, ssl };
  await enter(options);
  await enter(options);
});

Deno.test("a password in a file and TLS from a function log in", async () => {
  await using files = await ScratchFolder.create({ "password": `${USERS.admin}\n` });
  const password = { file: `${files.path}/password` };
  const ssl = () => Promise.resolve({ ca: node.certificates.ca });
  await enter({ brokers: node.brokers("sasl_tls"), sasl: { ...sasl, password }, ssl });
});

Deno.test("a function that fails ends a start with its own text, when the time is over", async () => {
  const failing = () => Promise.reject(new Error("the vault is sealed"));
  const options = { brokers: node.brokers("sasl"), sasl: failing, connectTimeoutMs: 300 };
  const error = await assertRejects(() => enter(options), RpcError, "the vault is sealed");
  assertEquals(error.code, "unavailable");
});

if (Deno.networkInterfaces().some(({ address }) => address === "::1")) {
  Deno.test("an IPv6 address is connected to, and called over", async () => {
    const options = { brokers: node.brokers("ipv6"), topic: "six" };
    const commands = { ping: () => "pong" };
    await using _server = await serve({ ...options, commands, logger: silentLogger });
    await using client = await connect<typeof commands>(options);
    assertEquals(await client.call("ping"), "pong");
  });
}
