// The contract of a client: what it refuses before anything is sent.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { z } from "zod";
import { Peer } from "../client/peer.ts";
import { contract } from "../../src/contract/command.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { failedOutcome } from "../../src/wire/failure.ts";
import { outcomeOf } from "../pipeline/call_of.ts";

const never = new Promise<boolean>(() => {});
const math = contract({
  divide: { input: z.object({ a: z.number(), b: z.number() }) },
  later: { input: z.string().refine((text) => Promise.resolve(text === "now"), "not now") },
  hanging: { input: z.string().refine(() => never) },
  throwing: {
    input: z.string().refine(() => {
      throw new TypeError("broken");
    }),
  },
  once: { idempotent: false },
  often: { idempotent: true },
  converting: { input: z.string().transform((text) => text.length) },
});

/** A client with the contract, and its other side. */
const open = async () => {
  const peer = await Peer.connect({ contract: math as never });
  await peer.serveNothing();
  return peer;
};
/** What a call ends with, and how many requests were sent. */
async function refused(command: string, input: unknown, options = {}) {
  await using peer = await open();
  const error = await assertRejects(() => peer.client.call(command, input, options), RpcError);
  return { error, sent: peer.requests.items.length };
}

Deno.test("an input that the schema refuses is not sent", async () => {
  const { error: { code, stage }, sent } = await refused("divide", { a: 1, b: "2" });
  assertEquals([code, stage, sent], ["invalid_argument", "request", 0]);
});

Deno.test("the error of a refused input has the issues", async () => {
  const { error: { details } } = await refused("divide", { a: 1, b: "2" });
  assertEquals((details as { issues: { path: string[] }[] }).issues[0]?.path, ["b"]);
});

Deno.test("an input that a schema refuses later is not sent", async () => {
  const { error: { code }, sent } = await refused("later", "then");
  assertEquals([code, sent], ["invalid_argument", 0]);
});

Deno.test("a schema that never ends ends with the call", async () => {
  const { error: { code, stage } } = await refused("hanging", "x", { timeoutMs: 5 });
  assertEquals([code, stage], ["deadline_exceeded", "request"]);
});

Deno.test("a schema that throws is internal, its error the cause", async () => {
  const { error: { code, cause } } = await refused("throwing", "x");
  assertEquals([code, (cause as Error).message], ["internal", "broken"]);
});

Deno.test("a schema that waits is left when the caller aborts", async () => {
  await using peer = await open();
  const reason = new Error("no longer");
  const options = { signal: AbortSignal.abort(reason) };
  const error = await assertRejects(() => peer.client.call("hanging", "x", options));
  assertEquals(error, reason);
});

Deno.test("a schema that waits is left when the client closes", async () => {
  const peer = await open();
  const failing = assertRejects(() => peer.client.call("hanging", "x"), RpcError);
  await peer[Symbol.asyncDispose]();
  assertEquals((await failing).code, "canceled");
});

Deno.test("what is sent is the input, not what the schema makes of it", async () => {
  await using peer = await open();
  const result = peer.client.call("converting", "four");
  const request = await peer.request(0);
  assertEquals(new TextDecoder().decode(request.input.bytes), '"four"');
  peer.reply(request, outcomeOf("4"));
  assertEquals(await result, "4");
});

Deno.test("a command that the contract does not name is called as without it", async () => {
  await using peer = await open();
  const result = peer.client.call("other", { any: 1 });
  peer.reply(await peer.request(0), outcomeOf("done"));
  assertEquals(await result, "done");
});

for (const [command, sent] of [["once", 1], ["often", 2]] as const) {
  Deno.test(`${command}: what may have run is sent ${sent} times`, async () => {
    await using peer = await Peer.connect({
      contract: math as never,
      retry: { attempts: 2, backoffMs: 1 },
    });
    await peer.serveNothing();
    const calling = assertRejects(() => peer.client.call(command), RpcError);
    for (let index = 0; index < sent; index++) {
      peer.reply(await peer.request(index), failedOutcome("aborted", "Cannot finish."));
    }
    await calling;
    assertEquals(peer.requests.items.length, sent);
  });
}

Deno.test("send() refuses what its schema refuses, and sends nothing", async () => {
  await using peer = await open();
  const send = () => peer.client.send("divide", { a: 1 } as never);
  assertEquals((await assertRejects(send, RpcError)).code, "invalid_argument");
  assertEquals(peer.requests.items.length, 0);
});

Deno.test("an option `contract` that is none is refused", async () => {
  const error = await assertRejects(() => Peer.connect({ contract: 5 as never }), RpcError);
  assertStringIncludes(error.message, "Give what `contract()` returns.");
});
