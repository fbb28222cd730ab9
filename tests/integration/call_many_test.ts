// Calls to every server over a real broker: one in process, one with a sandbox, in one group.
import { assertEquals } from "@std/assert";
import { Place } from "./place.ts";

const module = new URL("./fixtures/draws.ts", import.meta.url);
const commands = await import("./fixtures/draws.ts");

Deno.test("calls to every server over Kafka", async (t) => {
  await using place = new Place();
  await place.createTopics({ commands: 1, results: 2 });
  const first = await place.serve({ commands: { ...commands } });
  // With one partition it has none: it answers all the same.
  const second = await place.serve({ commands: module });
  const client = await place.connect();
  const both = [first.id, second.id].sort();

  await t.step("every server answers, and nobody is missing", async () => {
    const gathering = client.callMany("draw", 1);
    const replies = await Array.fromAsync(gathering);
    assertEquals([replies.map(({ server }) => server).sort(), gathering.missing], [both, []]);
  });

  await t.step("each ran the command itself", async () => {
    const replies = await Array.fromAsync(client.callMany("draw", 1));
    assertEquals(new Set(replies.map(({ value }) => value)).size, 2);
  });

  await t.step("what a command fails with is the reply of its server", async () => {
    const replies = await Array.fromAsync(client.callMany("refuse", { amount: -5 }));
    assertEquals(replies.map(({ error }) => error?.code), ["out_of_range", "out_of_range"]);
  });

  await t.step(
    "servers() says which servers there are, what they offer and have counted",
    async () => {
      const { servers, missing } = await client.servers({ timeoutMs: 30_000 });
      assertEquals([servers.map(({ server }) => server), missing], [both, []]);
      assertEquals(servers.map(({ commands }) => commands.map(({ name }) => name).sort()), [
        ["draw", "refuse"],
        ["draw", "refuse"],
      ]);
      const asked = await client.servers({ detail: "stats", timeoutMs: 30_000 });
      const draws = asked.servers.map(({ commands }) =>
        commands.find(({ name }) => name === "draw")
      );
      assertEquals(draws.map((draw) => draw?.succeeded), [2, 2]);
    },
  );

  await t.step("a member that does not answer is missing, by its id", async () => {
    const silent = await place.serve({ commands: { ...commands }, cancellation: false });
    const gathering = client.callMany("draw", 1, { timeoutMs: 10_000, stallMs: 1_500 });
    const replies = await Array.fromAsync(gathering);
    assertEquals([replies.length, gathering.missing], [2, [silent.id]]);
    await silent.close();
  });

  await t.step("a server that has left is not waited for", async () => {
    await second.close();
    const gathering = client.callMany("draw", 1);
    const replies = await Array.fromAsync(gathering);
    assertEquals([replies.map(({ server }) => server), gathering.missing], [[first.id], []]);
  });
});
