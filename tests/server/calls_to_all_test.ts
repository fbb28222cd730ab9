import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";
import { connect, serve } from "@kafka-rpc/deno";
import { MemoryBroker } from "@kafka-rpc/deno/memory";
import { silentLogger as logger } from "../../src/logging/logger.ts";
import { CallsToAll } from "../../src/server/calls_to_all.ts";
import { Arrivals } from "../arrivals.ts";
import { ManualClock } from "../manual_clock.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { recordOf } from "../wire/record_of.ts";

Deno.test("a call to all that is released at once, again and again, is not handled without a pause", async () => {
  using clock = new ManualClock();
  let handled = 0;
  const handle = () => ++handled > 10_000;
  const calls = new CallsToAll({ max: 1, handle, logger });
  calls.take(recordOf({ value: "1" }));
  await clock.advance(10_000);
  const before = handled;
  calls.close();
  await calls.idle();
  assertEquals([before > 2 && before < 100, handled], [true, before]);
});

Deno.test("many calls to all that are too many are two lines, which count them", async () => {
  const logger = new RecordingLogger();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  using calls = new CallsToAll({ max: 1, handle: () => promise, logger });
  for (let i = 0; i < 11; i++) calls.take(recordOf({ value: "1" }));
  calls[Symbol.dispose]();
  resolve(true);
  await calls.idle();
  assertEquals(logger.lines.items.map(({ fields }) => fields["unreported"]), [undefined, 8]);
});

Deno.test("a call to all that was released is handled again", async () => {
  using clock = new ManualClock();
  const results = [false, false, true];
  const calls = new CallsToAll({ max: 1, handle: () => results.shift()!, logger });
  calls.take(recordOf({ value: "1" }));
  await clock.advance(10_000);
  await calls.idle();
  assertEquals(results, []);
});

Deno.test("a call to all that is aborted at the end of the drain is answered before the server closes", async () => {
  const broker = new MemoryBroker();
  const transport = broker.transport();
  const produce = transport.produce.bind(transport);
  const asked = Promise.withResolvers<void>();
  const acknowledging = Promise.withResolvers<void>();
  transport.produce = async (record) => {
    asked.resolve();
    await acknowledging.promise;
    await produce(record);
  };
  const began = new Arrivals<string>();
  const commands = {
    hold: (_: unknown, { signal }: { signal: AbortSignal }) => {
      began.push("hold");
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      );
    },
  };
  const server = await serve({ commands, transport, logger, drainTimeoutMs: 1 });
  await using client = await connect({ transport: broker.transport() });
  const replies = Array.fromAsync(client.callMany("hold", undefined, { count: 1 }));
  await began.at(0);
  const closing = server.close();
  await asked.promise;
  // A close that does not wait for it is through in a turn.
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  acknowledging.resolve();
  await closing;
  assertEquals((await replies).map(({ error }) => error?.code), ["unavailable"]);
});
