// A stream with a contract, over a broker in memory.
import { assertEquals, assertRejects } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { silentLogger as logger } from "../../src/logging/logger.ts";
import { serve } from "../../src/server/server.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";
import type * as math from "./fixtures/math.ts";

const commands = new URL("./fixtures/math.ts", import.meta.url);

for (const isolation of ["worker", "process"] as const) {
  Deno.test(`values of a stream are validated in a ${isolation}`, async (t) => {
    const broker = new MemoryBroker();
    const transport = broker.transport();
    await using _server = await serve({ commands, isolation, transport, logger, concurrency: 1 });
    await using client = await connect<typeof math>({ transport: broker.transport(), logger });

    await t.step("good ones arrive", async () => {
      assertEquals(await Array.fromAsync(client.stream("count", { to: 3 })), [1, 2, 3]);
    });

    await t.step("one that its schema refuses ends the stream", async () => {
      const take = () => Array.fromAsync(client.stream("count", { to: 5 }));
      assertEquals((await assertRejects(take, RpcError)).code, "internal");
    });

    await t.step("an input that its schema refuses is invalid_argument", async () => {
      const take = () => Array.fromAsync(client.stream("count", { to: "3" as never }));
      assertEquals((await assertRejects(take, RpcError)).code, "invalid_argument");
    });
  });
}
