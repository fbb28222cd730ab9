// What is sent compressed, over a real broker: Kafka's own client reads it, and both sides do.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import { ForeignClient } from "../../tools/kafka/foreign/foreign_client.ts";
import { Place } from "./place.ts";

const brokers = (Deno.env.get("KAFKA_BROKERS") ?? "127.0.0.1:9092").split(",");
const createTopics = { partitions: 1 };
const rows = Array.from({ length: 2_000 }, (_, id) => ({ id, name: `user ${id % 7}`, ok: true }));
const echo = (input: unknown) => input;

for (const compression of ["gzip", "zstd"] as const) {
  Deno.test(`${compression}: requests and replies arrive, and Kafka's own client reads them`, async () => {
    await using place = new Place();
    await place.serve({ commands: { echo }, compression, createTopics });
    const client = await place.connect({ compression, createTopics });
    assertEquals(await client.call("echo", rows), rows);
    await using java = await ForeignClient.start({ brokers });
    for (const topic of [place.topic, place.resultsTopic]) {
      const [record] = await java.read(topic);
      assertEquals(JSON.parse(new TextDecoder().decode(record!.value!)), rows);
    }
  });
}

Deno.test("a side that compresses and one that does not understand each other", async () => {
  await using place = new Place();
  await place.serve({ commands: { echo } });
  const client = await place.connect({ compression: "gzip" });
  assertEquals(await client.call("echo", rows), rows);
});

Deno.test("values of the same kind that are over the topic's limit pass where they are compressed", async () => {
  await using place = new Place();
  const bytes = 2_000_000;
  const limits = { requestBytes: bytes, resultBytes: bytes };
  await place.serve({ commands: { echo }, compression: "zstd", limits });
  const client = await place.connect({ compression: "zstd", requestBytes: bytes });
  const value = "x".repeat(1_500_000);
  assertEquals(await client.call("echo", value), value);
});

Deno.test("an input over the topic's limit is refused, with its size and the way out", async () => {
  await using place = new Place();
  const limits = { requestBytes: 2_000_000 };
  await place.serve({ commands: { echo }, limits });
  const client = await place.connect({ requestBytes: 2_000_000 });
  const call = () => client.call("echo", "x".repeat(1_500_000));
  const error = await assertRejects(call, RpcError, "docs/values.md#claim-check");
  assertEquals([error.code, /has at most 1500\d\d\d bytes/.test(error.message)], [
    "resource_exhausted",
    true,
  ]);
});

Deno.test("a result over the topic's limit is refused, with its size and the way out", async () => {
  await using place = new Place();
  const commands = { large: () => "x".repeat(1_500_000) };
  await place.serve({ commands, limits: { resultBytes: 2_000_000 } });
  const client = await place.connect();
  const error = await assertRejects(() => client.call("large"), RpcError, "#claim-check");
  assert(
    error.message.startsWith(`Cannot send to ${place.resultsTopic}: the record has at most 15`),
  );
});
