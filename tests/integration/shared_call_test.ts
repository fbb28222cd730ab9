// The shared client works on the default topics, which other tests leave alone.
import { assertEquals, assertRejects } from "@std/assert";
import { call, closeSharedClient } from "../../src/client/call.ts";
import { serve } from "../../src/server/server.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { RpcError } from "../../src/wire/errors.ts";

Deno.test("call() through the shared client", async (t) => {
  const commands = { add: ({ a, b }: { a: number; b: number }) => a + b };
  await using _server = await serve({ commands, logger: silentLogger });

  await t.step("gives the result", async () => {
    assertEquals(await call("add", { a: 1, b: 2 }), 3);
  });

  await t.step("shares one client between calls that begin together", async () => {
    const sums = await Promise.all([1, 2, 3].map((a) => call("add", { a, b: 0 })));
    assertEquals(sums, [1, 2, 3]);
  });

  await t.step("rejects with the reason of its signal", async () => {
    const signal = AbortSignal.abort(new TypeError("stop"));
    await assertRejects(() => call("add", {}, { signal }), TypeError, "stop");
  });

  await t.step("rejects as the server says", async () => {
    const error = await assertRejects(() => call("ad"), RpcError, 'Did you mean "add"');
    assertEquals(error.code, "not_found");
  });

  await t.step("makes a new client after closeSharedClient()", async () => {
    await closeSharedClient();
    assertEquals(await call("add", { a: 2, b: 2 }), 4);
  });

  await closeSharedClient();
});
