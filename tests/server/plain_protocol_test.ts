// Records without headers: what kcat or any console sends, and what it gets.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Counter } from "./counter.ts";

const evaluating = () => Counter.open({ evaluate: true, concurrency: 1 });

const EXPRESSIONS: [string, string][] = [
  ["1 + 1", "2"],
  ["'a' + 'b'", "ab"],
  ["[1, [2, 3]]", "1,2,3"],
  ["undefined", "undefined"],
  ["({})", "[object Object]"],
  ["10n ** 20n", "100000000000000000000"],
  ["let x = 2; x * 21", "42"],
  ["await Promise.resolve(7)", "7"],
  ["Promise.resolve(8)", "8"],
];

Deno.test("expressions are answered with String(result), under the same key", async (t) => {
  await using counter = await evaluating();
  for (const [expression, text] of EXPRESSIONS) {
    await t.step(expression, async () => {
      counter.append({ key: expression, value: expression });
      const { key, value } = await counter.reply(expression);
      assertEquals([key, value], [expression, text]);
    });
  }
});

Deno.test("a plain reply is text/plain with status ok", async () => {
  await using counter = await evaluating();
  counter.append({ key: "id1", value: "1 + 1" });
  const { status, headers } = await counter.reply("id1");
  assertEquals([status, headers["content-type"]], ["ok", "text/plain"]);
});

Deno.test("an expression that throws is answered with rpc-status and rpc-error", async () => {
  await using counter = await evaluating();
  counter.append({ key: "id1", value: "null.x" });
  const { status, headers } = await counter.reply("id1");
  assertEquals([status, JSON.parse(headers["rpc-error"]!).name], ["unknown", "TypeError"]);
});

Deno.test("an expression that is no JavaScript is answered with a SyntaxError", async () => {
  await using counter = await evaluating();
  counter.append({ key: "id1", value: "1 +" });
  assertStringIncludes(
    (await counter.reply("id1")).headers["rpc-error"]!,
    '"name":"SyntaxError"',
  );
});

Deno.test("an expression without a key is answered without a key", async () => {
  await using counter = await evaluating();
  counter.append({ value: "1 + 1" });
  const { key, value } = await counter.replies.at(0);
  assertEquals([key, value], [null, "2"]);
});

Deno.test("an expression under a key that is no text is answered under that key", async () => {
  await using counter = await evaluating();
  counter.append({ key: Uint8Array.of(0xff), value: "1 + 1" });
  const { key, value } = await counter.replies.at(0);
  assertEquals([key, value], ["not UTF-8", "2"]);
});

Deno.test("nothing of one expression is seen by the next", async () => {
  await using counter = await evaluating();
  counter.append({ key: "id1", value: "globalThis.secret = 1" });
  await counter.reply("id1");
  counter.append({ key: "id2", value: "typeof secret" });
  assertEquals((await counter.reply("id2")).value, "undefined");
});

Deno.test("eval by a client gives the value, not its text", async () => {
  await using counter = await evaluating();
  assertEquals((await counter.ask("eval", "({ a: [1, 2] })")).value, { a: [1, 2] });
});

Deno.test("an input of eval that is no text is invalid_argument", async () => {
  await using counter = await evaluating();
  assertEquals((await counter.ask("eval", 5)).status, "invalid_argument");
});

Deno.test("an expression is not_found where the server does not evaluate", async () => {
  await using counter = await Counter.open({ commands: { ping: () => "pong" } });
  counter.append({ key: "id1", value: "1 + 1" });
  const { status, message } = await counter.reply("id1");
  assertEquals(status, "not_found");
  assertStringIncludes(message, "Start it with `evaluate: true`");
});
