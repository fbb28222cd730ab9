// Calls over a real broker, one server and one client for all of them.
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { CommandContext } from "../../src/executor/executor.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { Arrivals } from "../arrivals.ts";
import { Place } from "./place.ts";

Deno.test("calls over Kafka", async (t) => {
  await using place = new Place();
  const aborted = new Arrivals<string>();
  await place.serve({
    commands: {
      add: ({ a, b }: { a: number; b: number }) => a + b,
      echo: (value: unknown) => value,
      fail: () => {
        throw new TypeError("boom");
      },
      refuse: () => {
        throw new RpcError("aborted", "not today", { details: { until: "noon" } });
      },
      forever: (_: unknown, { signal, id }: CommandContext) =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            aborted.push(id);
            reject(signal.reason);
          })
        ),
      metadata: (_: unknown, { metadata }: CommandContext) => ({ ...metadata }),
      large: (n: number) => "x".repeat(n),
    },
    limits: { requestBytes: 1_000, resultBytes: 1_000 },
  });
  const client = await place.connect();

  await t.step("a call gives its result", async () => {
    assertEquals(await client.call("add", { a: 1, b: 2 }), 3);
  });

  await t.step("bytes arrive as bytes", async () => {
    assertEquals(await client.call("echo", Uint8Array.of(0, 255)), Uint8Array.of(0, 255));
  });

  await t.step("undefined arrives as undefined", async () => {
    assertEquals(await client.call("echo"), undefined);
  });

  await t.step("text in every script arrives", async () => {
    assertEquals(await client.call("echo", "Grüße, 世界 🎉"), "Grüße, 世界 🎉");
  });

  await t.step("metadata arrives", async () => {
    const metadata = { tenant: "Grüße" };
    assertEquals(await client.call("metadata", null, { metadata }), metadata);
  });

  await t.step("a remote error arrives as an error", async () => {
    const error = await assertRejects(() => client.call("fail"), RpcError, "TypeError: boom");
    assertEquals([error.code, error.stage], ["unknown", "remote"]);
  });

  await t.step("a remote RpcError arrives with code and details", async () => {
    const { code, details } = await assertRejects(() => client.call("refuse"), RpcError);
    assertEquals([code, details], ["aborted", { until: "noon" }]);
  });

  await t.step("the stack of a rejected call points at the caller's line", async () => {
    async function theCaller() {
      await client.call("fail");
    }
    const { stack } = await assertRejects(theCaller, RpcError);
    assertMatch(stack!.split("\n").find((line) => line.includes(" at "))!, /theCaller.*calls_test/);
  });

  await t.step("an unknown command is not_found, with a near miss", async () => {
    const error = await assertRejects(() => client.call("ad"), RpcError, 'Did you mean "add"');
    assertEquals(error.code, "not_found");
  });

  for (const name of ["__proto__", "constructor", "then", "toString"]) {
    await t.step(`${name} is not_found`, async () => {
      const { code } = await assertRejects(() => client.call(name), RpcError);
      assertEquals(code, "not_found");
    });
  }

  await t.step("a request over the server's limit is refused with both sizes", async () => {
    const error = await assertRejects(
      () => client.call("echo", "x".repeat(2_000)),
      RpcError,
      "2002 bytes, the limit of this server is 1000",
    );
    assertEquals([error.code, error.stage], ["resource_exhausted", "remote"]);
  });

  await t.step("a result over the server's limit is refused with both sizes", async () => {
    const error = await assertRejects(
      () => client.call("large", 2_000),
      RpcError,
      "it has 2002 bytes, the limit is 1000",
    );
    assertEquals(error.code, "resource_exhausted");
  });

  await t.step("a call rejects with deadline_exceeded when no reply comes in time", async () => {
    const error = await assertRejects(
      () => client.call("forever", null, { timeoutMs: 1_000 }),
      RpcError,
    );
    assertEquals(error.code, "deadline_exceeded");
  });

  await t.step("the command of an overdue call is aborted too", async () => {
    assertEquals((await aborted.first(1)).length, 1);
  });

  await t.step("an aborted call rejects with the reason of its signal", async () => {
    const controller = new AbortController();
    const call = client.call("forever", null, { signal: controller.signal, timeoutMs: 200 });
    controller.abort(new TypeError("stop"));
    await assertRejects(() => call, TypeError, "stop");
  });

  await t.step("500 calls at once each get their own result", async () => {
    const inputs = Array.from({ length: 500 }, (_, i) => i);
    assertEquals(await Promise.all(inputs.map((i) => client.call("echo", i))), inputs);
  });

  await t.step("100 calls one after the other each get their own result", async () => {
    const results: unknown[] = [];
    for (let i = 0; i < 100; i++) results.push(await client.call("add", { a: i, b: 1 }));
    assertEquals(results, Array.from({ length: 100 }, (_, i) => i + 1));
  });

  await t.step("two clients of one topic do not get each other's results", async () => {
    const other = await place.connect();
    const results = await Promise.all([client.call("echo", "mine"), other.call("echo", "yours")]);
    assertEquals(results, ["mine", "yours"]);
  });

  await t.step("close() with calls in flight rejects them with canceled", async () => {
    const other = await place.connect();
    const call = other.call("forever", null, { timeoutMs: 300 });
    const rejected = assertRejects(() => call, RpcError, "the client was closed");
    await other.close();
    assertEquals((await rejected).code, "canceled");
  });
});
