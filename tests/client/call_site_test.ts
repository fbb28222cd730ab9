import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { atCallSite } from "../../src/client/call_site.ts";
import { RpcError } from "../../src/wire/errors.ts";

function publicFunction(work: () => Promise<unknown>): Promise<unknown> {
  return atCallSite(publicFunction, work);
}

const caughtFrom = (work: () => Promise<unknown>): Promise<Error> =>
  publicFunction(work).then(() => new Error("it did not reject"), (error) => error);

Deno.test("the result passes through", async () => {
  assertEquals(await publicFunction(() => Promise.resolve(1)), 1);
});

Deno.test("the stack of an RpcError begins at the line of the caller", async () => {
  async function theCaller() {
    return await caughtFrom(() =>
      Promise.reject(new RpcError("internal", "no", { stage: "wait" }))
    );
  }
  const frames = (await theCaller()).stack!.split("\n").slice(1, 3).join("\n");
  assertMatch(frames, /caughtFrom[\s\S]*theCaller/);
});

Deno.test("the stack still begins with name and message", async () => {
  const error = await caughtFrom(() =>
    Promise.reject(new RpcError("internal", "a\nb", { stage: "wait" }))
  );
  assertEquals(error.stack!.startsWith("RpcError: a\nb\n    at "), true);
});

Deno.test("an error that is no RpcError stays as it is: it may be the caller's own", async () => {
  const thrown = new TypeError("stop");
  const { stack } = thrown;
  const error = await caughtFrom(() => Promise.reject(thrown));
  assertStrictEquals(error.stack, stack);
});

Deno.test("an RpcError that is not of a call stays as it is: it may be the reason of a signal", async () => {
  const thrown = new RpcError("aborted", "mine");
  const { stack } = thrown;
  const error = await caughtFrom(() => Promise.reject(thrown));
  assertStrictEquals(error.stack, stack);
});

Deno.test("a thrown value that is no error passes through", async () => {
  assertEquals(
    await publicFunction(() => Promise.reject("text")).catch((thrown) => thrown),
    "text",
  );
});
