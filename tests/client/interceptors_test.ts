// What users' interceptors may do in a client, and what they can't.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import type { ConnectOptions } from "../../src/client/options.ts";
import type { Interceptor } from "../../src/pipeline/call.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { failedOutcome } from "../../src/wire/failure.ts";
import { ManualClock } from "../manual_clock.ts";
import { within } from "../within.ts";
import { ok } from "../pipeline/call_of.ts";
import { Peer } from "./peer.ts";

const RETRY = { attempts: 3, backoffMs: 1, maxBackoffMs: 1 };
const holding: Interceptor = () => () => new Promise(() => {});

/** Rejection of a call that never gets to a server. */
async function refused(options: Omit<ConnectOptions, "transport">, input?: unknown) {
  await using peer = await Peer.connect(options);
  const error = await assertRejects(() => peer.client.call("add", input), RpcError);
  return { error, sent: peer.requests.items.length };
}

/** Notes the attempt of each call it sees, and how it ended. */
function noting(seen: string[]): Interceptor {
  return (next) => async (call) => {
    const outcome = await next(call);
    seen.push(`${call.attempt} ${outcome.ok ? "ok" : outcome.failure.code}`);
    return outcome;
  };
}

for (
  const [option, expected] of [
    ["interceptors", ["1 ok"]],
    ["attemptInterceptors", ["1 unavailable", "2 ok"]],
  ] as const
) {
  Deno.test(`of a call with two attempts \`${option}\` see ${expected.join(", ")}`, async () => {
    const seen: string[] = [];
    await using peer = await Peer.connect({ retry: RETRY, [option]: [noting(seen)] });
    const calling = peer.client.call("add");
    peer.reply(await peer.request(0), failedOutcome("unavailable", "not now"));
    peer.reply(await peer.request(1), ok(1));
    await calling;
    assertEquals(seen, [...expected]);
  });
}

Deno.test("the first interceptor is the outermost", async () => {
  const seen: string[] = [];
  const named = (name: string): Interceptor => (next) => (call) => {
    seen.push(name);
    return next(call);
  };
  await using peer = await Peer.connect({
    interceptors: [named("a"), named("b")],
    attemptInterceptors: [named("c")],
  });
  const calling = peer.client.call("add");
  peer.reply(await peer.request(0), ok(1));
  await calling;
  assertEquals(seen, ["a", "b", "c"]);
});

Deno.test("an interceptor may add metadata", async () => {
  const tenant: Interceptor = (next) => (call) =>
    next({ ...call, metadata: { ...call.metadata, tenant: "acme" } });
  await using peer = await Peer.connect({ interceptors: [tenant] });
  const calling = peer.client.call("add", 1, { metadata: { user: "bob" } });
  const { metadata } = await peer.request(0);
  peer.reply(await peer.request(0), ok(1));
  await calling;
  assertEquals({ ...metadata }, { user: "bob", tenant: "acme" });
});

Deno.test("an interceptor may answer by itself", async () => {
  await using peer = await Peer.connect({ interceptors: [() => () => Promise.resolve(ok("own"))] });
  assertEquals(await peer.client.call("add"), "own");
});

const throwing = (error: unknown): Interceptor => () => () => Promise.reject(error);

Deno.test("an RpcError that an interceptor throws is the error of the call", async () => {
  const own = new RpcError("permission_denied", "Cannot call: no tenant.");
  const { error, sent } = await refused({ interceptors: [throwing(own)] });
  assertEquals([error === own, sent], [true, 0]);
});

Deno.test("any other error that an interceptor throws is internal, with its cause", async () => {
  const own = new TypeError("mine");
  const { error } = await refused({ interceptors: [throwing(own)] });
  const { code, stage, command, cause } = error;
  assertEquals([code, stage, command, cause], ["internal", "request", "add", own]);
});

Deno.test("an interceptor that throws after the reply fails the call at the stage remote", async () => {
  const late: Interceptor = (next) => async (call) => {
    await next(call);
    throw new TypeError("mine");
  };
  await using peer = await Peer.connect({ interceptors: [late] });
  const calling = assertRejects(() => peer.client.call("add"), RpcError);
  peer.reply(await peer.request(0), ok(1));
  assertEquals((await calling).stage, "remote");
});

Deno.test("a failure that an interceptor returns is the error of the call", async () => {
  const own = () => Promise.resolve(failedOutcome("not_found", "nothing here", { a: 1 }));
  const { error } = await refused({ attemptInterceptors: [() => own] });
  const { code, message, id, details } = error;
  assertEquals([code, message, typeof id, details], ["not_found", "nothing here", "string", {
    a: 1,
  }]);
});

const setting = (metadata: unknown): Interceptor => (next) => (call) =>
  next({ ...call, metadata: metadata as Record<string, string> });

for (const option of ["interceptors", "attemptInterceptors"]) {
  Deno.test(`metadata of the protocol can't be set by ${option}`, async () => {
    const { error, sent } = await refused({ [option]: [setting({ "rpc-id": "1" })] });
    assertStringIncludes(
      error.message,
      "as an interceptor changed it. Cannot use the option `meta",
    );
    assertEquals([error.code, error.stage, sent], ["invalid_argument", "request", 0]);
  });

  Deno.test(`metadata that ${option} add counts towards requestBytes`, async () => {
    const { error, sent } = await refused({
      requestBytes: 10,
      [option]: [setting({ tenant: "acme" })],
    }, 1);
    assertEquals([error.code, error.details, sent], [
      "resource_exhausted",
      { size: 11, limit: 10 },
      0,
    ]);
  });

  Deno.test(`the deadline ends a call that ${option} hold`, async () => {
    using clock = new ManualClock();
    await using peer = await Peer.connect({ [option]: [holding] });
    const rejected = assertRejects(() => peer.client.call("add", 1, { timeoutMs: 500 }), RpcError);
    await clock.advance(600);
    const { code, stage, message } = await rejected;
    assertEquals([code, stage], ["deadline_exceeded", "request"]);
    assertStringIncludes(message, "within 500 ms no interceptor ended the call");
  });

  Deno.test(`close() ends a call that ${option} hold`, async () => {
    await using peer = await Peer.connect({ [option]: [holding] });
    const rejected = assertRejects(() => peer.client.call("add"), RpcError, "was closed");
    await peer.client.close();
    const { code, stage } = await rejected;
    assertEquals([code, stage], ["canceled", "request"]);
  });

  Deno.test(`a caller's signal ends a call that ${option} hold, with its reason`, async () => {
    await using peer = await Peer.connect({ [option]: [holding] });
    const controller = new AbortController();
    const { signal } = controller;
    const rejected = assertRejects(() => peer.client.call("add", 1, { signal }), TypeError, "stop");
    controller.abort(new TypeError("stop"));
    await rejected;
  });
}

Deno.test("an interceptor sees that a call ended at its deadline, and may change that", async () => {
  using clock = new ManualClock();
  const fallback: Interceptor = (next) => async (call) => {
    const outcome = await next(call);
    return outcome.ok || outcome.failure.code !== "deadline_exceeded" ? outcome : ok("fallback");
  };
  await using peer = await Peer.connect({ interceptors: [fallback] });
  const calling = peer.client.call("add", 1, { timeoutMs: 500 });
  await clock.advance(500);
  assertEquals(await calling, "fallback");
});

Deno.test("a call that has ended is not sent by an interceptor that hands it on later", async () => {
  using clock = new ManualClock();
  const late = Promise.withResolvers<void>();
  const outcome = Promise.withResolvers<string>();
  const slow: Interceptor = (next) => async (call) => {
    await late.promise;
    const ended = await next(call);
    outcome.resolve(ended.ok ? "ok" : ended.failure.message);
    return ended;
  };
  await using peer = await Peer.connect({ interceptors: [slow] });
  const rejected = assertRejects(() => peer.client.call("add", 1, { timeoutMs: 500 }), RpcError);
  await clock.advance(600);
  await rejected;
  late.resolve();
  assertStringIncludes(await outcome.promise, "the call has ended already");
  assertEquals(peer.requests.items.length, 0);
});

Deno.test("`call.signal` aborts at the deadline", async () => {
  using clock = new ManualClock();
  const waiting: Interceptor = () => ({ signal }) =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve(ok("aborted"))));
  await using peer = await Peer.connect({ interceptors: [waiting] });
  const calling = peer.client.call("add", 1, { timeoutMs: 500 });
  await clock.advance(500);
  assertEquals(await calling, "aborted");
});

Deno.test("what an interceptor waits for by `call.signal` ends the call at the deadline", async () => {
  using clock = new ManualClock();
  const waiting: Interceptor = () => ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  await using peer = await Peer.connect({ interceptors: [waiting] });
  const rejected = assertRejects(() => peer.client.call("add", 1, { timeoutMs: 500 }), RpcError);
  await clock.advance(500);
  assertEquals((await rejected).code, "deadline_exceeded");
});

const WRONG: [unknown, string][] = [
  [{ interceptor: [] }, "Did you mean `interceptors`?"],
  [{ interceptors: holding }, "`interceptors`: it is a function, not a list. Give a list"],
  [{ interceptors: [holding, "log"] }, "`interceptors[1]`: it is a string. Give a function"],
  [{ attemptInterceptors: [{}] }, "`attemptInterceptors[0]`: it is an object. Give a function"],
  [{ interceptors: [() => undefined] }, "it made no handler"],
];
for (const [options, text] of WRONG) {
  Deno.test(`connect() refuses ${Deno.inspect(options)}: ${text}`, async () => {
    const transport = new MemoryBroker().transport();
    const wrong = { ...options as ConnectOptions, transport };
    const error = await assertRejects(() => connect(wrong), RpcError, text);
    assertEquals(error.code, "invalid_argument");
  });
}

Deno.test("a call that an interceptor has answered is not tried again behind it", async () => {
  let behind: Promise<unknown> | undefined;
  const impatient: Interceptor = (next) => (call) => {
    behind = next(call);
    return Promise.resolve(ok("own"));
  };
  await using peer = await Peer.connect({ retry: RETRY, interceptors: [impatient] });
  assertEquals(await peer.client.call("add"), "own");
  peer.reply(await peer.request(0), failedOutcome("unavailable", "not now"));
  await within(behind!, "the end of its one attempt");
  assertEquals(peer.requests.items.length, 1);
});

Deno.test("an interceptor that calls next twice fails the call as one that throws", async () => {
  const twice: Interceptor = (next) => async (call) => {
    await next(call);
    return await next(call);
  };
  await using peer = await Peer.connect({ interceptors: [twice] });
  const calling = assertRejects(() => peer.client.call("add"), RpcError);
  peer.reply(await peer.request(0), ok(1));
  const { code, stage, command, message } = await calling;
  assertEquals([code, stage, command], ["internal", "remote", "add"]);
  assertStringIncludes(message, 'the interceptor "twice" called `next` twice for one call.');
});
