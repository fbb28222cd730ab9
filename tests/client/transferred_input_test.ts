// Alone in its file: the texts of the first call of a process lie beside those that live on.
import { assertEquals } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { silentLogger as logger } from "../../src/logging/logger.ts";
import type { Interceptor } from "../../src/pipeline/call.ts";
import { serve } from "../../src/server/server.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";

Deno.test("calls go on after an interceptor handed the memory of an input to another thread", async () => {
  const broker = new MemoryBroker();
  const transport = () => broker.transport();
  const transferring: Interceptor = (next) => (call) => {
    const { buffer } = call.input.bytes;
    structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
    return next(call);
  };
  await using _server = await serve({
    commands: { double: (n: number) => 2 * n },
    transport: transport(),
    logger,
  });
  await using hostile = await connect({ transport: transport(), interceptors: [transferring] });
  await using client = await connect({ transport: transport() });
  await hostile.call("double", 1).catch(() => {});
  assertEquals(await client.call("double", 21), 42);
});
