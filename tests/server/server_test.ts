import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { serve } from "../../src/server/server.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { Arrivals } from "../arrivals.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { ManualClock } from "../manual_clock.ts";
import { within } from "../within.ts";
import { Counter } from "./counter.ts";

/** A command that runs until the test lets it go, or its signal aborts. */
function held() {
  const started = new Arrivals<string>();
  const gate = Promise.withResolvers<string>();
  const hold = (input: string) => {
    started.push(input);
    return gate.promise;
  };
  return { started, release: gate.resolve, hold };
}

Deno.test("a server lists its commands", async () => {
  await using counter = await Counter.open({ commands: { ping: () => "pong", add: () => 1 } });
  assertEquals(counter.server.commands, ["ping", "add"]);
});

Deno.test("a server answers a call that was there before it", async () => {
  const broker = new MemoryBroker();
  const early = await Counter.open({ commands: { ping: () => "early" } });
  await early[Symbol.asyncDispose]();
  broker.createTopic("commands");
  broker.createTopic("commands_results");
  const headers = { "rpc-version": "1", "rpc-command": "ping" };
  const key = new TextEncoder().encode("id1");
  broker.append({ topic: "commands", key, value: new Uint8Array(0), headers });
  const transport = broker.transport();
  const replied = Promise.withResolvers<string>();
  await transport.read({
    topic: "commands_results",
    partition: 0,
    onRecord: ({ value }) => replied.resolve(new TextDecoder().decode(value!)),
  });
  const commands = { ping: () => "pong" };
  await using _ = await serve({ commands, logger: silentLogger, transport: broker.transport() });
  const reply = await within(replied.promise, "the reply");
  await transport.close();
  assertEquals(reply, '"pong"');
});

Deno.test("never more commands than `concurrency` run at once", async () => {
  let [running, most] = [0, 0];
  const busy = async () => {
    most = Math.max(most, ++running);
    // Many turns of the loop of events, so that whatever may run at once does.
    for (let i = 0; i < 5; i++) await new Promise(setImmediate);
    running--;
  };
  await using counter = await Counter.open({ commands: { busy }, concurrency: 3 });
  for (let i = 0; i < 30; i++) counter.send(`${i}`, "busy");
  await counter.replies.first(30);
  assertEquals(most, 3);
});

Deno.test("close() answers the commands that run", async () => {
  const { started, release, hold } = held();
  const counter = await Counter.open({ commands: { hold } });
  counter.send("id1", "hold", "x");
  await started.at(0);
  const closed = counter.server.close();
  release("done");
  await closed;
  const { value } = await counter.reply("id1");
  await counter[Symbol.asyncDispose]();
  assertEquals(value, "done");
});

Deno.test("close() takes no more commands", async () => {
  const { started, release, hold } = held();
  const counter = await Counter.open({ commands: { hold } });
  counter.send("id1", "hold", "first");
  await started.at(0);
  const closed = counter.server.close();
  counter.send("id2", "hold", "second");
  release("done");
  await closed;
  await counter[Symbol.asyncDispose]();
  assertEquals(started.items, ["first"]);
});

Deno.test("a command over drainTimeoutMs is aborted, and its caller gets unavailable", async () => {
  const { started, hold } = held();
  const counter = await Counter.open({ commands: { hold }, drainTimeoutMs: 10 });
  counter.send("id1", "hold", "x");
  await started.at(0);
  await counter.server.close();
  const { status } = await counter.reply("id1");
  await counter[Symbol.asyncDispose]();
  assertEquals(status, "unavailable");
});

Deno.test("close() commits what was answered: the next server does not run it again", async () => {
  const ran: string[] = [];
  const commands = {
    note: (text: string) => {
      ran.push(text);
    },
  };
  const counter = await Counter.open({ commands });
  counter.send("id1", "note", "once");
  await counter.reply("id1");
  await counter.server.close();
  const transport = counter.broker.transport();
  await using _ = await serve({ commands, logger: silentLogger, transport });
  counter.send("id2", "note", "later");
  await counter.reply("id2");
  await counter[Symbol.asyncDispose]();
  assertEquals(ran, ["once", "later"]);
});

Deno.test("close() may be called again", async () => {
  const counter = await Counter.open({ commands: { ping: () => 1 } });
  await counter.server.close();
  await counter[Symbol.asyncDispose]();
  assertEquals(await counter.server.close(), undefined);
});

Deno.test("finished resolves after close()", async () => {
  await using counter = await Counter.open({ commands: { ping: () => 1 } });
  await counter.server.close();
  assertEquals(await counter.server.finished, undefined);
});

Deno.test("the signal closes the server", async () => {
  const controller = new AbortController();
  await using counter = await Counter.open({
    commands: { ping: () => 1 },
    signal: controller.signal,
  });
  controller.abort();
  assertEquals(await within(counter.server.finished, "the end of the server"), undefined);
});

Deno.test("serve() rejects with the reason of a signal that aborts meanwhile", async () => {
  const controller = new AbortController();
  const serving = serve({
    commands: { ping: () => 1 },
    logger: silentLogger,
    transport: new MemoryBroker().transport(),
    signal: controller.signal,
  });
  controller.abort(new TypeError("stop"));
  await assertRejects(() => serving, TypeError, "stop");
});

Deno.test("a signal that aborts in the last moment of the start still ends the server", async () => {
  const controller = new AbortController();
  const transport = new MemoryBroker().transport();
  const consume = transport.consume.bind(transport);
  transport.consume = async (options) => {
    const consumption = await consume(options);
    controller.abort(new TypeError("stop"));
    return consumption;
  };
  const server = await serve({
    commands: { ping: () => 1 },
    logger: silentLogger,
    transport,
    signal: controller.signal,
  });
  assertEquals(await within(server.finished, "the end of the server"), undefined);
});

Deno.test("finished rejects with the error that ended the server", async () => {
  const transport = new MemoryBroker().transport();
  const consume = transport.consume.bind(transport);
  const lost = Promise.withResolvers<void>();
  transport.consume = async (options) => {
    const consumption = await consume(options);
    return {
      finished: lost.promise,
      certain: () => consumption.certain(),
      pause: () => consumption.pause(),
      commit: (offsets) => consumption.commit(offsets),
      close: () => consumption.close(),
      [Symbol.asyncDispose]: () => consumption.close(),
    };
  };
  const commands = { ping: () => 1 };
  const server = await serve({ commands, logger: silentLogger, transport });
  lost.reject(new RpcError("permission_denied", "no right to the group"));
  const error = await assertRejects(() => server.finished, RpcError, "no right to the group");
  await server.close();
  // Its stack is that of the line that called serve(), not of the timer that found it out.
  assertMatch(error.stack!.split("\n")[1]!, /server_test\.ts/);
});

Deno.test("with createTopics off a missing topic ends serve() with failed_precondition", async () => {
  const transport = new MemoryBroker().transport();
  const commands = { ping: () => 1 };
  const error = await assertRejects(
    () => serve({ commands, transport, createTopics: false, logger: silentLogger }),
    RpcError,
    "commands",
  );
  assertEquals(error.code, "failed_precondition");
});

Deno.test("two servers of one group share the work, each command once", async () => {
  const broker = new MemoryBroker();
  broker.createTopic("commands", 4);
  broker.createTopic("commands_results");
  const ran = new Arrivals<string>();
  const serveAs = (name: string) =>
    serve({
      commands: { work: () => ran.push(name) },
      logger: silentLogger,
      transport: broker.transport(),
    });
  await using _one = await serveAs("one");
  await using _two = await serveAs("two");
  const headers = { "rpc-version": "1", "rpc-command": "work" };
  for (let i = 0; i < 8; i++) {
    const key = new TextEncoder().encode(`id${i}`);
    broker.append({ topic: "commands", partition: i % 4, key, value: key.slice(0, 0), headers });
  }
  await ran.first(8);
  assertEquals(ran.items.toSorted().join(), "one,one,one,one,two,two,two,two");
});

Deno.test("a server logs what it serves, and that it has closed", async () => {
  const logger = new RecordingLogger();
  const counter = await Counter.open({ commands: { ping: () => 1 }, logger });
  await counter.server.close();
  await counter[Symbol.asyncDispose]();
  assertEquals(logger.messages("info"), ["serving", "closed"]);
});

Deno.test("close() ends though no reply gets out", async () => {
  const broker = new MemoryBroker();
  const transport = broker.transport();
  transport.produce = () => new Promise(() => {});
  const started = Promise.withResolvers<void>();
  const commands = { ping: () => started.resolve() };
  const options = { commands, transport, drainTimeoutMs: 1, logger: silentLogger };
  const server = await serve(options);
  const key = new TextEncoder().encode("a");
  const headers = { "rpc-version": "1", "rpc-command": "ping" };
  broker.append({ topic: "commands", key, value: new Uint8Array(0), headers });
  await started.promise;
  using clock = new ManualClock();
  const closing = server.close();
  await clock.advance(10_000);
  await within(closing, "the end of the server");
});
