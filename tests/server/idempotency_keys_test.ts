// Requests with one idempotency key are one call, whatever their id and where their replies go.
import { assertEquals } from "@std/assert";
import { Counter } from "./counter.ts";

const KEY = { "rpc-idempotency-key": "order-17" };

function counting() {
  let runs = 0;
  return { next: (_: unknown) => ++runs, other: (_: unknown) => ++runs };
}

Deno.test("a second request with the key gets the first result, under its own id", async () => {
  await using counter = await Counter.open({ commands: counting() });
  counter.send("a", "next", 1, KEY);
  await counter.reply("a");
  counter.send("b", "next", 1, KEY);
  assertEquals((await counter.reply("b")).value, 1);
});

Deno.test("a second request joins the first that runs", async () => {
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const commands = {
    gated: async () => {
      runs++;
      await gate.promise;
      return "done";
    },
  };
  await using counter = await Counter.open({ commands });
  counter.send("a", "gated", 1, KEY);
  counter.send("b", "gated", 1, KEY);
  gate.resolve();
  const values = [(await counter.reply("a")).value, (await counter.reply("b")).value];
  assertEquals([values, runs], [["done", "done"], 1]);
});

Deno.test("the reply goes where each request wants it", async () => {
  await using counter = await Counter.open({ commands: counting() }, 2);
  counter.send("a", "next", 1, { ...KEY, "rpc-reply-partition": "0" });
  counter.send("b", "next", 1, { ...KEY, "rpc-reply-partition": "1" });
  const replies = [await counter.reply("a"), await counter.reply("b")];
  assertEquals(replies.map(({ value, partition }) => [value, partition]), [[1, 0], [1, 1]]);
});

for (
  const [what, command, input] of [
    ["another input", "next", 2],
    ["another command", "other", 1],
  ] as const
) {
  Deno.test(`${what} under the key is refused`, async () => {
    await using counter = await Counter.open({ commands: counting() });
    counter.send("a", "next", 1, KEY);
    await counter.reply("a");
    counter.send("b", command, input, KEY);
    const { status, message } = await counter.reply("b");
    const reason = "its idempotency key is that of a call with another command or input";
    assertEquals([status, message.includes(reason)], ["already_exists", true], message);
  });
}

Deno.test("a server knows keys of replies from before its start", async () => {
  await using counter = await Counter.open({ commands: counting() });
  counter.send("a", "next", 1, KEY);
  await counter.reply("a");
  await counter.server.close();
  await using again = await Counter.open({ commands: counting() }, 1, counter.broker);
  counter.send("b", "next", 1, KEY);
  assertEquals([(await counter.reply("b")).value, again.server.counts.repeated], [1, 1]);
});

Deno.test("a key is not an id: a request with that id is another call", async () => {
  await using counter = await Counter.open({ commands: counting() });
  counter.send("a", "next", 1, KEY);
  await counter.reply("a");
  counter.send("order-17", "next", 1);
  assertEquals((await counter.reply("order-17")).value, 2);
});

Deno.test("a reply says the key of its request", async () => {
  await using counter = await Counter.open({ commands: counting() });
  assertEquals((await counter.ask("next", 1, KEY)).headers["rpc-idempotency-key"], "order-17");
});

for (const key of ["", "k".repeat(256)]) {
  Deno.test(`a key of ${key.length} bytes is refused`, async () => {
    await using counter = await Counter.open({ commands: counting() });
    const { status, message } = await counter.ask("next", 1, { "rpc-idempotency-key": key });
    assertEquals([status, message.includes("the idempotency key")], ["invalid_argument", true]);
  });
}

Deno.test("a cancellation ends the one call that it names", async () => {
  const aborted = Promise.withResolvers<void>();
  const commands = {
    hang: (_: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise<void>((_, reject) =>
        signal.addEventListener("abort", () => {
          aborted.resolve();
          reject(signal.reason);
        })
      ),
  };
  await using counter = await Counter.open({ commands });
  counter.send("a", "hang", 1, KEY);
  const { requestDigest } = await import("../../src/wire/digest.ts");
  const input = { bytes: new TextEncoder().encode("1"), contentType: "application/json" };
  const { writeCancel } = await import("../../src/wire/control.ts");
  const digest = requestDigest({ command: "hang", input });
  counter.broker.append(writeCancel("commands_control", { id: "a", digest }));
  assertEquals(await aborted.promise, undefined);
});
