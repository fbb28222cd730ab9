// A server that has more to do than it can, and records that it can't read.
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { IncomingRecord } from "../../src/wire/record.ts";
import { Arrivals } from "../arrivals.ts";
import { Counter } from "./counter.ts";

/** A command that waits for the test. */
function gated() {
  const gate = Promise.withResolvers<void>();
  return { gate, commands: { hold: () => gate.promise, quick: () => "quick" } };
}

Deno.test("a request that can't start in time is refused before its deadline", async () => {
  const { gate, commands } = gated();
  await using counter = await Counter.open({ commands, concurrency: 1, limits: { queueMs: 10 } });
  counter.send("holding", "hold");
  const { status, message } = await counter.ask("quick");
  gate.resolve();
  assertEquals(status, "resource_exhausted");
  assertStringIncludes(message, "too busy");
});

Deno.test("requests that were refused for lack of time are counted", async () => {
  const { gate, commands } = gated();
  await using counter = await Counter.open({ commands, concurrency: 1, limits: { queueMs: 10 } });
  counter.send("holding", "hold");
  await counter.ask("quick");
  gate.resolve();
  assertEquals(counter.server.counts.shed, 1);
});

Deno.test("requests are answered again when the load is over", async () => {
  const { gate, commands } = gated();
  await using counter = await Counter.open({ commands, concurrency: 1, limits: { queueMs: 10 } });
  counter.send("holding", "hold");
  await counter.ask("quick");
  gate.resolve();
  await counter.reply("holding");
  assertEquals((await counter.ask("quick")).value, "quick");
});

Deno.test("no more requests are taken than the queue holds", async () => {
  const { gate, commands } = gated();
  await using counter = await Counter.open({ commands, concurrency: 1, limits: { queue: 2 } });
  for (let i = 0; i < 5; i++) counter.send(`id-${i}`, "hold");
  // A record that needs no slot would be refused at once, were it taken.
  counter.append({ key: "bad", value: "x", headers: { "rpc-version": "x" } });
  await Promise.resolve();
  const taken = counter.server.counts.received;
  gate.resolve();
  await counter.reply("bad");
  assertEquals(taken <= 3, true, `${taken} were taken`);
});

Deno.test("a record that can't be read is kept as a dead letter, with the reason", async () => {
  await using counter = await Counter.open({ commands: { a: () => 1 }, deadLetters: true });
  const letters = new Arrivals<IncomingRecord>();
  const transport = counter.broker.transport();
  await transport.read({ topic: "commands-dlt", partition: 0, onRecord: letters.push });
  counter.append({ key: "bad", value: "x", headers: { "rpc-version": "x", other: "kept" } });
  const { key, value, headers } = await letters.at(0);
  const text = (bytes: Uint8Array | null | undefined) => new TextDecoder().decode(bytes!);
  await transport.close();
  assertEquals([text(key), text(value), text(headers.get("other"))], ["bad", "x", "kept"]);
  assertStringIncludes(text(headers.get("rpc-dlt-reason")), "rpc-version");
});

Deno.test("an expression that never ends does not keep a command from running", async () => {
  await using counter = await Counter.open({
    commands: { ping: () => "pong" },
    evaluate: true,
    concurrency: 1,
    limits: { timeoutMs: 2_000 },
  });
  counter.send("endless", "eval", "new Promise(() => {})");
  await counter.ask("ping");
  const [first] = counter.replies.items;
  await counter.reply("endless");
  assertEquals(first?.value, "pong");
});
