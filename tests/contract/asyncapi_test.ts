import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { asyncApi } from "../../src/contract/asyncapi.ts";
import { contract } from "../../src/contract/command.ts";
import { RpcError } from "../../src/wire/errors.ts";
import * as math from "./fixtures/math.ts";

const OPTIONS = { title: "Math", version: "1.0.0", servers: { local: "127.0.0.1:9092" } };
const file = (name: string) => fileURLToPath(new URL(`asyncapi/${name}`, import.meta.url));

// In a Deno of its own, with a lock file of its own: it has 135 packages that nothing else needs.
const VALIDATE = `
import { Parser } from "@asyncapi/parser";
const text = await new Response(Deno.stdin.readable).text();
const { document, diagnostics } = await new Parser().parse(text);
const wrong = diagnostics.filter(({ severity }) => severity === 0).map(({ message }) => message);
console.log(JSON.stringify({ operations: document?.operations().length ?? 0, wrong }));
`;

async function validated(document: unknown): Promise<{ operations: number; wrong: string[] }> {
  const lock = ["--config", file("deno.json"), "--lock", file("deno.lock"), "--frozen"];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", ...lock, VALIDATE],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(document)));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("the official parser of AsyncAPI finds nothing wrong, and every command", async () => {
  const { document } = asyncApi(math, OPTIONS);
  const described = Object.keys(document["operations"] as object).length;
  assertEquals(await validated(document), { operations: described, wrong: [] });
  assert(described > 5);
});

Deno.test("a broken document would be found by that parser", async () => {
  const { document } = asyncApi(math, OPTIONS);
  const { wrong } = await validated({ ...document, channels: 5 });
  assert(wrong.length > 0);
});

Deno.test("a reply goes to the topic that the request names", () => {
  const { document } = asyncApi(contract({ add: { input: z.number() } }), OPTIONS);
  const { add } = document["operations"] as { add: { reply: { address: { location: string } } } };
  assertEquals(add.reply.address.location, "$message.header#/rpc-reply-topic");
});

Deno.test("a stream replies with its values, signs of life, an end or a failure", () => {
  const contracts = contract({ ticks: { output: z.number(), stream: true } });
  const { document } = asyncApi(contracts, OPTIONS);
  const { ticks } = document["operations"] as {
    ticks: { reply: { messages: { $ref: string }[] } };
  };
  const names = ticks.reply.messages.map(({ $ref }) => $ref.split("/").at(-1));
  assertEquals(names, ["ticks.value", "ticks.pause", "ticks.end", "ticks.failure"]);
});

Deno.test("a request for a stream says that several replies are taken", () => {
  const { document } = asyncApi({ count: math.count }, OPTIONS);
  const { messages } = document["components"] as {
    messages: Record<string, { headers: { required: string[]; properties: unknown } }>;
  };
  assert(messages["count.request"]?.headers.required.includes("rpc-reply"));
});

Deno.test("parts without a JSON Schema are warned of", () => {
  assertStringIncludes(asyncApi(math, OPTIONS).warnings[0]!, 'The input of "repeat"');
});

Deno.test("two commands that would have one name in the document are refused", () => {
  const make = () => asyncApi(contract({ "a b": {}, "a_b": {} }), OPTIONS);
  assertStringIncludes(assertThrows(make, RpcError).message, '"a b" and "a_b" are both "a_b"');
});

for (const [options, text] of [[{ titel: "a" }, "no `titel`"], [{ title: "a" }, "`version`"]]) {
  Deno.test(`options that can't be right are refused: ${text}`, () => {
    const error = assertThrows(() => asyncApi({}, options as never), RpcError);
    assertStringIncludes(error.message, text as string);
  });
}
