// One-way calls and idempotency keys over a real broker, in process and inside a sandbox.
import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import { Arrivals } from "../arrivals.ts";
import { Place, textOf } from "./place.ts";

const module = new URL("./fixtures/draws.ts", import.meta.url);
const commands = await import("./fixtures/draws.ts");

for (
  const [where, served] of [
    ["in process", { commands: { ...commands } }],
    ["in a child process", { commands: module }],
  ] as const
) {
  Deno.test(`one-way calls over Kafka, commands ${where}`, async (t) => {
    await using place = new Place();
    await place.createTopics({ commands: 3, results: 1 });
    await place.serve({ ...served, deadLetters: true });
    const client = await place.connect();
    const other = await place.connect();
    const letters = await place.read(`${place.topic}-dlt`);
    const results = await place.results();

    await t.step("a one-way call runs, and one that fails is among the dead letters", async () => {
      await client.send("refuse", { amount: -5 }, { metadata: { tenant: "acme" } });
      const { value, headers } = await letters.at(0);
      const named = (name: string) => textOf(headers.get(name));
      assertEquals([textOf(value), named("rpc-dlt-reason"), named("tenant")], [
        '{"amount":-5}',
        "out_of_range: the amount is -5",
        "acme",
      ]);
    });

    await t.step("no reply was made to it", async () => {
      const drawn = await client.call("draw", 1);
      assertEquals(textOf((await results.at(0)).value), JSON.stringify(drawn));
    });

    await t.step("calls with one key run once, whoever makes them", async () => {
      const key = { idempotencyKey: "order-17" };
      const drawn = new Set([
        await client.call("draw", 1, key),
        await client.call("draw", 1, key),
        await other.call("draw", 1, key),
      ]);
      assertEquals(drawn.size, 1);
    });

    await t.step("another input under a key is refused", async () => {
      const again = () => client.call("draw", 2, { idempotencyKey: "order-17" });
      const { code } = await assertRejects(again, RpcError, "another command or input");
      assertEquals(code, "already_exists");
    });
  });
}

Deno.test("one-way calls wait on the topic for a server", async () => {
  await using place = new Place();
  const client = await place.connect();
  await client.send("note", { amount: 5 });
  const noted = new Arrivals<unknown>();
  await place.serve({ commands: { note: (value: unknown) => noted.push(value) } });
  assertEquals(await noted.first(1), [{ amount: 5 }]);
});
