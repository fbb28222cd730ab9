// Submitted calls over a real broker, in process and inside a sandbox.
import { assertEquals, assertRejects } from "@std/assert";
import type { CallHandle } from "../../src/client/handles.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { Place } from "./place.ts";

const module = new URL("./fixtures/draws.ts", import.meta.url);
const commands = await import("./fixtures/draws.ts");

/** As it is after a restart of the program that kept it. */
const kept = (handle: CallHandle): CallHandle => JSON.parse(JSON.stringify(handle));

for (
  const [where, served] of [
    ["in process", { commands: { ...commands } }],
    ["in a child process", { commands: module }],
  ] as const
) {
  Deno.test(`submitted calls over Kafka, commands ${where}`, async (t) => {
    await using place = new Place();
    await place.createTopics({ commands: 3, results: 4 });
    const first = await place.connect();
    const key = { idempotencyKey: "report-17" };
    const handle = kept(await first.submit("draw", 1, key));
    const failing = kept(await first.submit("refuse", { amount: -5 }));

    await t.step("a handle names the request and the cluster", () => {
      assertEquals([typeof handle.cluster, typeof handle.partition, handle.offset! >= 0], [
        "string",
        "number",
        true,
      ]);
    });

    await t.step("without a server the call is accepted", async () => {
      assertEquals(await first.attach(handle).state(), "accepted");
    });

    await first.close();
    const server = await place.serve(served);
    const waiting = await place.connect();
    const result = await waiting.attach(handle).result();
    await waiting.close();
    await server.close();

    await t.step(
      "the result is there for who comes later, when the server is gone too",
      async () => {
        const later = await place.connect();
        assertEquals([await later.attach(handle).result(), typeof result], [result, "string"]);
        assertEquals(await later.attach(handle).state(), "done");
      },
    );

    await t.step("so is a failure", async () => {
      const later = await place.connect();
      const error = await assertRejects(() => later.attach(failing).result(), RpcError);
      assertEquals([error.code, error.stage], ["out_of_range", "remote"]);
    });

    await t.step("submitted again under its key, it does not run again", async () => {
      await using _server = await place.serve(served);
      const client = await place.connect();
      const again = await client.submit("draw", 1, key);
      assertEquals(await client.attach(again).result(), result);
    });

    await t.step("a call that was answered, without a reply in the topic, is unknown", async () => {
      const client = await place.connect();
      // Servers commit when they close. No reply has this id.
      assertEquals(await client.attach({ ...handle, id: "nobody" }).state(), "unknown");
    });
  });
}

Deno.test("a handle of another cluster is refused, by its id", async () => {
  await using place = new Place();
  const client = await place.connect();
  const handle = { ...await client.submit("draw", 1), cluster: "another" };
  const { code } = await assertRejects(
    () => Promise.try(() => client.attach(handle)),
    RpcError,
    "it was made on the cluster another",
  );
  assertEquals(code, "failed_precondition");
});
