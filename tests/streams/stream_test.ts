import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import type { CommandContext } from "../../src/executor/executor.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { within } from "../within.ts";
import { all, Hall } from "./hall.ts";

async function* count(to: number) {
  for (let n = 0; n < to; n++) yield n;
  return "counted";
}

/** Numbers without end; says when it has ended. */
const forever = (hall: Hall) =>
  async function* () {
    try {
      for (let n = 0;; n++) yield n;
    } finally {
      hall.said.push("ended");
    }
  };

Deno.test("stream() gives the values of a generator in their order", async () => {
  await using hall = new Hall();
  const client = await hall.both({ count });
  assertEquals(
    await all(client.stream("count", 5_000)),
    Array.from({ length: 5_000 }, (_, n) => n),
  );
});

Deno.test("a generator without values gives an empty stream", async () => {
  await using hall = new Hall();
  const client = await hall.both({ count });
  assertEquals(await all(client.stream("count", 0)), []);
});

Deno.test("what a generator returns is the value of the last step", async () => {
  await using hall = new Hall();
  const client = await hall.both({ count });
  const stream = client.stream("count", 1);
  await stream.next();
  assertEquals(await stream.next(), { done: true, value: "counted" });
});

Deno.test("several steps that are asked for at once get the values in order", async () => {
  await using hall = new Hall();
  const client = await hall.both({ count });
  const stream = client.stream("count", 2);
  const steps = await Promise.all([stream.next(), stream.next(), stream.next()]);
  assertEquals(steps.map(({ done }) => done), [false, false, true]);
});

Deno.test("a stream sends nothing before its first value is asked for", async () => {
  await using hall = new Hall();
  const client = await hall.both({ count });
  client.stream("count", 1);
  assertEquals([client.counts.calls, hall.records("commands").length], [0, 0]);
});

Deno.test("an error after ten values comes after ten values", async () => {
  await using hall = new Hall();
  const client = await hall.both({
    async *fail() {
      yield* count(10);
      throw new RpcError("out_of_range", "no more", { details: { at: 10 } });
    },
  });
  const seen: unknown[] = [];
  const error = await assertRejects(async () => {
    for await (const value of client.stream("fail")) seen.push(value);
  }, RpcError);
  assertEquals([seen.length, error.code, error.details], [10, "out_of_range", { at: 10 }]);
});

Deno.test("a value that can't be sent ends the stream after those before it", async () => {
  await using hall = new Hall();
  const client = await hall.both({
    async *mixed() {
      yield 1;
      yield new Map();
    },
  });
  const stream = client.stream("mixed");
  assertEquals(await stream.next(), { done: false, value: 1 });
  const error = await assertRejects(() => stream.next(), RpcError, "Map");
  assertEquals(error.code, "internal");
});

Deno.test("after its error a stream is over", async () => {
  await using hall = new Hall();
  const client = await hall.both({ count });
  const stream = client.stream("nothing");
  await assertRejects(() => stream.next(), RpcError);
  assertEquals(await stream.next(), { done: true, value: undefined });
});

Deno.test("leaving the loop ends the generator, and its `finally` runs", async () => {
  await using hall = new Hall();
  const client = await hall.both({ forever: forever(hall) });
  for await (const value of client.stream("forever")) if (value === 3) break;
  assertEquals(await hall.said.at(0), "ended");
});

Deno.test("disposal ends the generator", async () => {
  await using hall = new Hall();
  const client = await hall.both({ forever: forever(hall) });
  {
    await using stream = client.stream("forever");
    await stream.next();
  }
  assertEquals(await hall.said.at(0), "ended");
});

Deno.test("an aborted signal rejects with its reason and ends the generator", async () => {
  await using hall = new Hall();
  const client = await hall.both({ forever: forever(hall) });
  const controller = new AbortController();
  const stream = client.stream("forever", undefined, { signal: controller.signal });
  await stream.next();
  controller.abort(new TypeError("stop"));
  await assertRejects(() => stream.next(), TypeError, "stop");
  assertEquals(await hall.said.at(0), "ended");
});

Deno.test("a stream whose signal has aborted is not sent", async () => {
  await using hall = new Hall();
  const client = await hall.both({ count });
  const signal = AbortSignal.abort(new TypeError("stop"));
  await assertRejects(() => client.stream("count", 1, { signal }).next(), TypeError, "stop");
  assertEquals(hall.records("commands").length, 0);
});

Deno.test("a closed client rejects with canceled and ends the generator", async () => {
  await using hall = new Hall();
  const client = await hall.both({
    async *waits(_: unknown, { signal }: CommandContext) {
      yield 1;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      hall.said.push("ended");
    },
  });
  const stream = client.stream("waits");
  await stream.next();
  const rejected = assertRejects(() => stream.next(), RpcError, "the client was closed");
  await client.close();
  assertEquals([(await rejected).code, await hall.said.at(0)], ["canceled", "ended"]);
});

Deno.test("stream() of a closed client is refused with failed_precondition", async () => {
  await using hall = new Hall();
  const client = await hall.connect();
  await client.close();
  const error = await assertRejects(() => client.stream("count").next(), RpcError, "is closed");
  assertEquals(error.code, "failed_precondition");
});

Deno.test("a stream that is called rejects and says what to do", async () => {
  await using hall = new Hall();
  const client = await hall.both({ count });
  const error = await assertRejects(() => client.call("count", 1), RpcError);
  assertEquals(error.message, 'Cannot call "count": it is a stream. Use `client.stream()`.');
});

Deno.test("a command that is no stream gives its result as the one value", async () => {
  await using hall = new Hall();
  const client = await hall.both({ one: () => ({ a: 1 }) });
  assertEquals(await all(client.stream("one")), [{ a: 1 }]);
});

Deno.test("stream() of an unknown command rejects with not_found", async () => {
  await using hall = new Hall();
  const client = await hall.both({ count });
  const error = await assertRejects(() => client.stream("coutn").next(), RpcError, '"count"');
  assertEquals([error.code, error.stage], ["not_found", "remote"]);
});

Deno.test("stream() refuses an option that it does not know", async () => {
  await using hall = new Hall();
  const client = await hall.connect();
  const options = JSON.parse('{"windowbytes":5}');
  assertThrows(() => client.stream("count", 1, options), RpcError, "`windowBytes`");
});

Deno.test("the error of a stream points at the line that made it", async () => {
  await using hall = new Hall();
  const client = await hall.both({ count });
  const error = await assertRejects(() => client.stream("none").next(), RpcError);
  assertMatch(error.stack!, /stream_test\.ts/);
});

Deno.test("a client without `cancellation` can't stream, and says why", async () => {
  await using hall = new Hall();
  await hall.serve({ commands: { count } });
  const client = await hall.connect({ cancellation: false });
  const error = await assertRejects(() => client.stream("count", 1).next(), RpcError);
  assertEquals([error.code, error.stage], ["failed_precondition", "request"]);
});

Deno.test("a server without `cancellation` refuses streams, and says why", async () => {
  await using hall = new Hall();
  const client = await hall.both({ count }, { cancellation: false });
  const error = await assertRejects(() => client.stream("count", 1).next(), RpcError);
  assertEquals([error.code, error.stage], ["failed_precondition", "remote"]);
});

Deno.test("a stream over maxPending is refused with resource_exhausted", async () => {
  await using hall = new Hall();
  await hall.serve({ commands: { forever: forever(hall) } });
  const client = await hall.connect({ maxPending: 1 });
  await using first = client.stream("forever");
  await first.next();
  const error = await assertRejects(() => client.stream("forever").next(), RpcError, "maxPending");
  assertEquals(error.code, "resource_exhausted");
});

Deno.test("streams that are open count as calls that wait", async () => {
  await using hall = new Hall();
  const client = await hall.both({ forever: forever(hall) });
  const stream = client.stream("forever");
  await stream.next();
  const open = client.counts.pending;
  await stream.return();
  assertEquals([open, client.counts.pending], [1, 0]);
});

Deno.test("a closing server ends its streams with unavailable after their values", async () => {
  await using hall = new Hall();
  const server = await hall.serve({
    commands: {
      async *hold() {
        yield 1;
        await new Promise(() => {});
      },
    },
    drainTimeoutMs: 1,
  });
  const client = await hall.connect();
  const stream = client.stream("hold");
  await stream.next();
  const rejected = assertRejects(() => stream.next(), RpcError);
  await within(server.close(), "the close");
  assertEquals((await rejected).code, "unavailable");
});
