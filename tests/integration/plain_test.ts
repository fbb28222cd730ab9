// The plain protocol on a real broker, as kcat speaks it.
import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import { Place, textOf } from "./place.ts";

Deno.test("the plain protocol", async (t) => {
  await using place = new Place();
  const { topic } = place;
  await place.serve({ evaluate: true, concurrency: 1 });
  const client = await place.connect();
  const results = await place.results();

  await t.step("1 + 1 is answered with 2, under the same key", async () => {
    const seen = results.items.length;
    await place.produce({ topic, key: "id1", value: "1 + 1" });
    const { key, value } = await results.at(seen);
    assertEquals([textOf(key), textOf(value)], ["id1", "2"]);
  });

  await t.step("without a key it is answered without a key", async () => {
    const seen = results.items.length;
    await place.produce({ topic, value: "2 * 3" });
    const { key, value } = await results.at(seen);
    assertEquals([key, textOf(value)], [null, "6"]);
  });

  await t.step("an error is answered with rpc-status and rpc-error", async () => {
    const seen = results.items.length;
    await place.produce({ topic, key: "id2", value: "nonsense" });
    const { headers } = await results.at(seen);
    const error = JSON.parse(textOf(headers.get("rpc-error"))!);
    assertEquals([textOf(headers.get("rpc-status")), error.name], ["unknown", "ReferenceError"]);
  });

  await t.step("call('eval') gives the value", async () => {
    assertEquals(await client.call("eval", "[1 + 1]"), [2]);
  });
});

Deno.test("a server that does not evaluate answers not_found", async () => {
  await using place = new Place();
  await place.serve({ commands: { ping: () => "pong" } });
  const client = await place.connect();
  const error = await assertRejects(() => client.call("eval", "1 + 1"), RpcError);
  assertEquals(error.code, "not_found");
});
