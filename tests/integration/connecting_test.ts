// What is said when the cluster or its topics are not there.
import { assertEquals, assertRejects } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { serve } from "../../src/server/server.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { Place } from "./place.ts";
import { closedAddress } from "../closed_address.ts";

const commands = { ping: () => "pong" };

Deno.test("connect() without a broker rejects with unavailable, naming the address", async () => {
  const address = closedAddress();
  const error = await assertRejects(
    () => connect({ brokers: [address], connectTimeoutMs: 200 }),
    RpcError,
    `Cannot connect to Kafka at ${address}`,
  );
  assertEquals(error.code, "unavailable");
});

Deno.test("serve() without a broker rejects with unavailable, naming the address", async () => {
  const address = closedAddress();
  const error = await assertRejects(
    () => serve({ commands, brokers: [address], connectTimeoutMs: 200, logger: silentLogger }),
    RpcError,
    `Cannot connect to Kafka at ${address}`,
  );
  assertEquals(error.code, "unavailable");
});

Deno.test("a broker that accepts and never answers is unavailable in bounded time", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) accepted.push(connection);
  })();
  const address = `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
  const error = await assertRejects(
    () => connect({ brokers: [address], connectTimeoutMs: 300 }),
    RpcError,
  );
  accepted.forEach((connection) => connection.close());
  listener.close();
  await accepting;
  assertEquals(error.code, "unavailable");
});

Deno.test("with a signal and no end serve() waits, and rejects with the signal's reason", async () => {
  const controller = new AbortController();
  const serving = serve({
    commands,
    brokers: [closedAddress()],
    connectTimeoutMs: Infinity,
    signal: controller.signal,
    logger: silentLogger,
  });
  controller.abort(new TypeError("stop"));
  await assertRejects(() => serving, TypeError, "stop");
});

Deno.test("brokers that are no addresses are invalid_argument", async () => {
  const error = await assertRejects(() => connect({ brokers: ["kafka"] }), RpcError, "host:port");
  assertEquals(error.code, "invalid_argument");
});

Deno.test("createTopics off: connect() names the topics and the command that makes them", async () => {
  const topic = `absent-${crypto.randomUUID()}`;
  const error = await assertRejects(
    () => connect({ topic, createTopics: false }),
    RpcError,
    `--create --topic ${topic} `,
  );
  assertEquals([error.code, error.details], ["failed_precondition", {
    topics: [topic, `${topic}_results`, `${topic}_control`],
  }]);
});

Deno.test("createTopics off: serve() names the topics and the command that makes them", async () => {
  const topic = `absent-${crypto.randomUUID()}`;
  const error = await assertRejects(
    () => serve({ commands, topic, createTopics: false, logger: silentLogger }),
    RpcError,
    `--create --topic ${topic} `,
  );
  assertEquals(error.code, "failed_precondition");
});

Deno.test("createTopics off: topics that exist will do", async () => {
  await using place = new Place();
  await place.createTopics({});
  await place.serve({ commands, createTopics: false });
  const client = await place.connect({ createTopics: false });
  assertEquals(await client.call("ping"), "pong");
});

Deno.test("a server and a client that start together both find their topics", async () => {
  await using place = new Place();
  const [, client] = await Promise.all([place.serve({ commands }), place.connect()]);
  assertEquals(await client.call("ping"), "pong");
});
