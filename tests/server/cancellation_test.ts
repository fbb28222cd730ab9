// What becomes of a call that its caller cancels.
import { assertEquals, assertRejects } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { Deadlines } from "../../src/async/deadlines.ts";
import { Cancellations } from "../../src/server/cancellations.ts";
import { Ending } from "../../src/server/ending.ts";
import { originOf } from "../../src/server/origin.ts";
import { serve } from "../../src/server/server.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { within } from "../within.ts";

/** A server with a command that runs until it is aborted, and reports it to the test. */
async function open(options: { cancellation?: boolean } = {}, concurrency = 1) {
  const started = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<string>();
  const runs: string[] = [];
  const commands = {
    wait: async (_: unknown, { signal }: { signal: AbortSignal }) => {
      const ended = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => {
        aborted.resolve(signal.reason.code);
        ended.resolve();
      });
      started.resolve();
      await ended.promise;
    },
    note: (name: string) => void runs.push(name),
  };
  const broker = new MemoryBroker();
  broker.createTopic("commands");
  const server = await serve({
    commands,
    concurrency,
    drainTimeoutMs: 1,
    transport: broker.transport(),
    logger: silentLogger,
    ...options,
  });
  const client = await connect({ transport: broker.transport(), ...options });
  const close = async () => {
    await client.close();
    await server.close();
  };
  return { broker, server, client, started, aborted, runs, [Symbol.asyncDispose]: close };
}

Deno.test("aborting a call aborts the command that runs", async () => {
  await using at = await open();
  const controller = new AbortController();
  const calling = at.client.call("wait", undefined, { signal: controller.signal });
  await at.started.promise;
  controller.abort(new Error("enough"));
  await assertRejects(() => calling, Error, "enough");
  assertEquals(await within(at.aborted.promise, "the abort"), "canceled");
});

Deno.test("closing the client aborts the command that runs", async () => {
  await using at = await open();
  const calling = at.client.call("wait").catch((error) => error.code);
  await at.started.promise;
  await at.client.close();
  assertEquals(
    [await calling, await within(at.aborted.promise, "the abort")],
    ["canceled", "canceled"],
  );
});

Deno.test("a call that is canceled while it is queued never starts", async () => {
  await using at = await open();
  const first = new AbortController();
  const waiting = at.client.call("wait", undefined, { signal: first.signal }).catch(() => {});
  await at.started.promise;
  const second = new AbortController();
  const never = at.client.call("note", "never", { signal: second.signal }).catch(() => {});
  const last = at.client.call("note", "last");
  second.abort(new Error("not needed"));
  first.abort(new Error("make room"));
  await Promise.all([waiting, never, last]);
  assertEquals(at.runs, ["last"]);
});

Deno.test("without the control topic a command goes on", async () => {
  await using at = await open({ cancellation: false });
  const controller = new AbortController();
  const calling = at.client.call("wait", undefined, { signal: controller.signal });
  await at.started.promise;
  controller.abort(new Error("enough"));
  await assertRejects(() => calling, Error, "enough");
  assertEquals(at.server.counts.running, 1);
});

const ending = () => new Ending(new Deadlines());

/** A call as a cancellation names it. */
const call = (id: string, digest = "d") =>
  originOf({ id, digest }, { topic: "commands_results", partition: 0, key: null });

Deno.test("a cancellation that comes before its request is remembered", () => {
  const calls = new Cancellations();
  assertEquals([calls.cancel(call("id")), calls.isCanceled(call("id"))], [false, true]);
});

Deno.test("a cancellation finds the call in flight", () => {
  const calls = new Cancellations();
  const followed = ending();
  calls.follow(call("id"), followed);
  assertEquals([calls.cancel(call("id")), followed.signal.aborted], [true, true]);
});

Deno.test("a cancellation finds a call whose repeat has ended", () => {
  const calls = new Cancellations();
  const first = ending();
  calls.follow(call("id"), first);
  const repeat = ending();
  calls.follow(call("id"), repeat);
  calls.unfollow(call("id"), repeat);
  calls.cancel(call("id"));
  assertEquals(first.signal.aborted, true);
});

Deno.test("cancellations of calls that never come do not pile up", () => {
  const calls = new Cancellations();
  for (let i = 0; i < 10_001; i++) calls.cancel(call(`id-${i}`));
  assertEquals([calls.isCanceled(call("id-0")), calls.isCanceled(call("id-10000"))], [false, true]);
});

Deno.test("a canceled call does not start again when its record comes a second time", () => {
  const calls = new Cancellations();
  const running = ending();
  calls.follow(call("a"), running);
  calls.cancel(call("a"));
  calls.unfollow(call("a"), running);
  assertEquals([calls.cancel(call("a")), calls.isCanceled(call("a"))], [false, true]);
});

Deno.test("a cancellation that knows an id and not what was asked cancels nothing", () => {
  const calls = new Cancellations();
  const followed = ending();
  calls.follow(call("a"), followed);
  const found = calls.cancel(call("a", "another"));
  assertEquals([found, followed.signal.aborted, calls.isCanceled(call("a"))], [
    false,
    false,
    false,
  ]);
});

for (const digest of [undefined, "another"]) {
  Deno.test(`a cancel record for an id of another caller does no harm: digest ${digest}`, async () => {
    await using at = await open({}, 2);
    const controller = new AbortController();
    const calling = at.client.call("wait", undefined, { signal: controller.signal });
    await at.started.promise;
    const [request] = at.broker.partitions("commands")[0]!.records;
    at.broker.append({
      topic: "commands_control",
      key: request!.key,
      value: new Uint8Array(0),
      headers: {
        "rpc-version": "1",
        "rpc-control": "cancel",
        ...(digest === undefined ? {} : { "rpc-digest": digest }),
      },
    });
    // By the end of another call the record has been read.
    await at.client.call("note", "x");
    const { running } = at.server.counts;
    controller.abort(new Error("enough"));
    await assertRejects(() => calling, Error, "enough");
    assertEquals(running, 1);
  });
}
