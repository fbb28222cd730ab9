// Records that no client of this package would write, on a real broker between real calls.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import { Place, textOf } from "./place.ts";

const random = (most: number) =>
  crypto.getRandomValues(new Uint8Array(Math.floor(Math.random() * most)));

Deno.test("records that are no request and no reply", async (t) => {
  await using place = new Place();
  await place.createTopics({}); // one partition each
  let expired = 0;
  const server = await place.serve({
    commands: { echo: (value: unknown) => value, expire: () => ++expired },
  });
  const client = await place.connect();
  const results = await place.results();
  const good = { "rpc-version": "1", "rpc-command": "echo" };
  const { topic, resultsTopic } = place;

  /** The reply to a record of the test's own. */
  const replyTo = async (key: string) => {
    const all = await results.until(
      (records) => records.some((record) => textOf(record.key) === key),
      `the reply to ${key}`,
    );
    const { headers } = all.find((record) => textOf(record.key) === key)!;
    const status = textOf(headers.get("rpc-status"));
    return { status, error: textOf(headers.get("rpc-error")) ?? "" };
  };

  await t.step("1 000 random records on both topics do no harm to real calls", async () => {
    const before = server.counts.malformed;
    const produced: Promise<void>[] = [];
    for (let i = 0; i < 1_000; i++) {
      const headers = { "rpc-version": textOf(random(4))!, x: textOf(random(20))! };
      const record = { key: random(50), value: random(200), headers };
      produced.push(place.produce({ ...record, topic: i % 2 ? topic : resultsTopic }));
      if (i % 100 === 0) assertEquals(await client.call("echo", i), i);
    }
    await Promise.all(produced);
    await client.call("echo", "last");
    assertEquals(server.counts.malformed - before > 400, true);
  });

  await t.step("the client counted its part of them", async () => {
    await client.call("echo", "a round trip later");
    const { malformed, unmatched } = client.counts;
    assertEquals(malformed + unmatched >= 500, true);
  });

  await t.step("a version from the future is answered with failed_precondition", async () => {
    await place.produce({
      topic,
      key: "future",
      value: "1",
      headers: { ...good, "rpc-version": "2" },
    });
    const { status, error } = await replyTo("future");
    assertEquals(status, "failed_precondition");
    assertStringIncludes(error, "speaks version 2");
  });

  await t.step("a tombstone is answered with invalid_argument", async () => {
    await place.produce({ topic, key: "tombstone", headers: good });
    assertEquals((await replyTo("tombstone")).status, "invalid_argument");
  });

  await t.step("a value that is not JSON is answered with invalid_argument", async () => {
    await place.produce({ topic, key: "not-json", value: "{oops", headers: good });
    assertStringIncludes((await replyTo("not-json")).error, "not JSON");
  });

  await t.step("a reply topic outside replyTopics is answered with permission_denied", async () => {
    const headers = { ...good, "rpc-reply-topic": "elsewhere" };
    await place.produce({ topic, key: "elsewhere", value: "1", headers });
    assertEquals((await replyTo("elsewhere")).status, "permission_denied");
  });

  await t.step("a partition that is not there is answered with invalid_argument", async () => {
    const headers = { ...good, "rpc-reply-partition": "9" };
    await place.produce({ topic, key: "no-partition", value: "1", headers });
    assertEquals((await replyTo("no-partition")).status, "invalid_argument");
  });

  await t.step("an expired request never starts, and is counted", async () => {
    const headers = {
      ...good,
      "rpc-command": "expire",
      "rpc-deadline": String(Date.now() - 1_000),
    };
    await place.produce({ topic, key: "expired", value: "1", headers });
    const { status } = await replyTo("expired");
    assertEquals([status, expired, server.counts.expired], ["deadline_exceeded", 0, 1]);
  });

  await t.step("a reply that no call waits for is counted and dropped", async () => {
    await client.call("echo", "the replies to the records above have come by now");
    const before = client.counts.unmatched;
    const headers = { "rpc-version": "1", "rpc-status": "ok" };
    const key = crypto.randomUUID();
    await place.produce({ topic: resultsTopic, key, value: "1", headers });
    await client.call("echo", 1);
    assertEquals(client.counts.unmatched - before, 1);
  });

  await t.step("a duplicate reply is counted and dropped", async () => {
    const before = client.counts.unmatched;
    const seen = results.items.length;
    await client.call("echo", 1);
    const { key } = await results.at(seen);
    const headers = { "rpc-version": "1", "rpc-status": "ok" };
    await place.produce({ topic: resultsTopic, key, value: "2", headers });
    await client.call("echo", 2);
    assertEquals(client.counts.unmatched - before, 1);
  });

  await t.step("a request that its topic does not take fails as resource_exhausted", async () => {
    const generous = await place.connect({ requestBytes: 3_000_000 });
    const error = await assertRejects(
      () => generous.call("echo", "x".repeat(2_000_000)),
      RpcError,
    );
    assertEquals([error.code, error.stage], ["resource_exhausted", "send"]);
  });

  await t.step("a call beside one that is too large is answered", async () => {
    const generous = await place.connect({ requestBytes: 3_000_000 });
    const large = generous.call("echo", "x".repeat(2_000_000)).catch((error) => error.code);
    assertEquals([await generous.call("echo", "small"), await large], [
      "small",
      "resource_exhausted",
    ]);
  });
});

Deno.test("a result that its topic does not take arrives as resource_exhausted", async () => {
  await using place = new Place();
  await place.serve({
    commands: { large: () => "x".repeat(2_000_000) },
    limits: { resultBytes: 3_000_000 },
  });
  const client = await place.connect();
  const error = await assertRejects(() => client.call("large"), RpcError);
  assertEquals([error.code, error.stage], ["resource_exhausted", "remote"]);
});
