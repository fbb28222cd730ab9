// Streams of replies over a real broker, of commands in this process and in sandboxes.
import { assertEquals, assertRejects } from "@std/assert";
import type { ServeOptions } from "../../src/server/options.ts";
import { RpcError } from "../../src/wire/errors.ts";
import * as commands from "./fixtures/stream_commands.ts";
import { Place } from "./place.ts";

const MODULE = new URL("./fixtures/stream_commands.ts", import.meta.url);

const WHERE: readonly [string, ServeOptions][] = [
  ["in process", { commands }],
  ["in a sandbox", { commands: MODULE }],
];

for (const [where, options] of WHERE) {
  Deno.test(`streams over Kafka, of commands ${where}`, async (t) => {
    await using place = new Place();
    await place.serve({ ...options, concurrency: 1_000, callsPerSandbox: 1_000 });
    const client = await place.connect();
    const count = (to: number) => client.stream("count", to);

    await t.step("20 000 values come in order, none is missing, none comes twice", async () => {
      let next = 0;
      for await (const value of count(20_000)) assertEquals(value, next++);
      assertEquals(next, 20_000);
    });

    await t.step("a thousand streams at once give each its own values", async () => {
      const streams = Array.from({ length: 1_000 }, (_, n) => Array.fromAsync(count(n % 10)));
      const lengths = (await Promise.all(streams)).map(({ length }) => length);
      assertEquals(lengths, Array.from({ length: 1_000 }, (_, n) => n % 10));
    });

    await t.step("an error after ten values comes after ten values", async () => {
      const seen: unknown[] = [];
      const error = await assertRejects(async () => {
        for await (const value of client.stream("failAfter", 10)) seen.push(value);
      }, RpcError);
      assertEquals([seen.length, error.code, error.stage], [10, "unknown", "remote"]);
    });

    await t.step("leaving the loop ends the generator", async () => {
      // Each sandbox counts for itself; calls at once go to all of them.
      const ended = async () => {
        const calls = Array.from({ length: 30 }, () => client.call("ended") as Promise<number>);
        return Math.max(...await Promise.all(calls));
      };
      const before = await ended();
      for await (const value of client.stream("forever")) if (value === 3_000) break;
      while (await ended() === before) await client.call("one");
    });

    await t.step("bytes of a buffer that is used again come as they were", async () => {
      const values = await Array.fromAsync(client.stream("buffers", 100));
      assertEquals(
        values.map((bytes) => new Set(bytes as Uint8Array)),
        values.map((_, n) => new Set([n])),
      );
    });

    await t.step("a stream that is called rejects, and says what to do", async () => {
      const error = await assertRejects(() => client.call("count", 3), RpcError, "client.stream()");
      assertEquals(error.code, "invalid_argument");
    });

    await t.step("a command that is no stream gives its one value", async () => {
      assertEquals(await Array.fromAsync(client.stream("one")), [42]);
    });

    await t.step("a stream that says nothing for too long rejects", async () => {
      const stream = client.stream("stuck", null, { timeoutMs: 500 });
      assertEquals(await stream.next(), { done: false, value: "first" });
      const error = await assertRejects(() => stream.next(), RpcError);
      assertEquals(error.code, "deadline_exceeded");
    });

    await t.step("the server answers on", async () => assertEquals(await client.call("one"), 42));
  });
}

Deno.test("a stream whose sandbox ends rejects after its values", async () => {
  await using place = new Place();
  await place.serve({ commands: MODULE });
  const client = await place.connect();
  const stream = client.stream("exits");
  assertEquals(await stream.next(), { done: false, value: "first" });
  await assertRejects(() => stream.next(), RpcError, "exit");
});
