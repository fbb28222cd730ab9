import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { atCallSite, CallSite } from "../../src/wire/call_site.ts";
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

Deno.test("where the line was not noted, the stack has the lines that await the promise", async () => {
  function rejecting(): Promise<unknown> {
    const site = new CallSite(rejecting, { isNoted: false });
    return Promise.reject(new RpcError("internal", "no", { stage: "wait" }))
      .catch((error) => {
        throw site.pointed(error);
      });
  }
  async function theCaller() {
    await rejecting();
  }
  const { stack } = await theCaller().catch((error) => error);
  assertMatch(stack, /at async theCaller/);
});

Deno.test("the line of a caller stays whose folder has the name of a library", () => {
  const site = new CallSite(publicFunction, { isNoted: false });
  Object.assign(site, { stack: "Error\n    at main (file:///home/me/kafkajs/src/main.ts:3:7)" });
  const error = new RpcError("internal", "no", { stage: "wait" });
  site.point(error);
  assertMatch(error.stack!, /main\.ts/);
});

Deno.test("where the caller's code makes stacks that are no text, the error is still its own", async () => {
  const { prepareStackTrace } = Error as { prepareStackTrace?: unknown };
  Object.assign(Error, { prepareStackTrace: (_: Error, sites: unknown[]) => sites });
  try {
    const error = new RpcError("internal", "no", { stage: "wait" });
    assertStrictEquals(await caughtFrom(() => Promise.reject(error)), error);
  } finally {
    Object.assign(Error, { prepareStackTrace });
  }
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

/** What is left of the stack of a cause. */
async function causeStack(cause: Error): Promise<string> {
  await caughtFrom(() =>
    Promise.reject(new RpcError("unavailable", "no", { stage: "send", cause }))
  );
  return String(cause.stack);
}

/** An error whose frames are these. */
function errorFrom(name: string, ...frames: string[]): Error {
  const error = new Error("refused");
  error.name = name;
  error.stack = [`${name}: refused`, ...frames.map((frame) => `    at ${frame}`)].join("\n");
  return error;
}

const KAFKAJS = "Socket.onError (file:///cache/npm/kafkajs/2.2.4/src/network/connection.js:210:23)";
const RUNTIME = "processTicksAndRejections (ext:core/01_core.js:378:17)";
const USERS = "getToken (file:///home/me/token.ts:5:9)";

Deno.test("a cause whose frames are the library's and Deno's keeps none of them", async () => {
  const stack = await causeStack(errorFrom("KafkaJSConnectionError", KAFKAJS, RUNTIME));
  assertEquals(stack, "KafkaJSConnectionError: refused");
});

Deno.test("a cause with a frame of the user's keeps them all", async () => {
  const stack = await causeStack(errorFrom("Error", USERS, KAFKAJS, RUNTIME));
  assertEquals(stack.split("\n").length, 4);
});

Deno.test("a cause that is a mistake in code keeps all frames: they lead to it", async () => {
  const stack = await causeStack(errorFrom("TypeError", KAFKAJS, RUNTIME));
  assertEquals(stack.split("\n").length, 3);
});

Deno.test("the causes of a cause are shortened too", async () => {
  const inner = errorFrom("Error", RUNTIME);
  await causeStack(Object.assign(errorFrom("Error", KAFKAJS), { cause: inner }));
  assertEquals(inner.stack, "Error: refused");
});

Deno.test("causes that are a circle, or frozen, do no harm", async () => {
  const circle = errorFrom("Error", KAFKAJS);
  circle.cause = circle;
  assertEquals(await causeStack(circle), "Error: refused");
  assertMatch(await causeStack(Object.freeze(errorFrom("Error", KAFKAJS))), /kafkajs/);
});

Deno.test("the error keeps its cause", async () => {
  const cause = errorFrom("Error", KAFKAJS);
  const error = new RpcError("unavailable", "no", { stage: "send", cause });
  assertStrictEquals((await caughtFrom(() => Promise.reject(error))).cause, cause);
});
