import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { Call, CallHandler, Interceptor } from "../../src/pipeline/call.ts";
import { guard } from "../../src/pipeline/guard.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { failedOutcome } from "../../src/wire/failure.ts";
import { callOf, outcomeOf } from "./call_of.ts";

const DONE = outcomeOf("done");
const onThrow = (error: unknown) =>
  error instanceof RpcError
    ? failedOutcome(error.code, error.message)
    : failedOutcome("unknown", String(error));

/** Runs a call through one interceptor; gives its outcome and what was handed on. */
async function through(interceptor: Interceptor, call: Call = callOf()) {
  const handedOn: Call[] = [];
  const next: CallHandler = (call) => {
    handedOn.push(call);
    return Promise.resolve(DONE);
  };
  const outcome = await guard(interceptor, onThrow)(next)(call);
  return { outcome, handedOn, failure: outcome.ok ? "" : outcome.failure.message };
}

Deno.test("a guarded interceptor that only hands on changes nothing", async () => {
  const call = callOf();
  const { outcome, handedOn } = await through((next) => next, call);
  assertEquals({ outcome, handedOn }, { outcome: DONE, handedOn: [call] });
});

Deno.test("a guarded interceptor may change the metadata", async () => {
  const { handedOn } = await through((next) => (call) =>
    next({ ...call, metadata: { tenant: "a" } })
  );
  assertEquals(handedOn, [{ ...handedOn[0]!, metadata: { tenant: "a" } }]);
});

Deno.test("a guarded interceptor may change the trace context", async () => {
  const trace = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
  const { handedOn } = await through((next) => (call) => next({ ...call, trace }));
  assertEquals(handedOn.map(({ trace }) => trace), [trace]);
});

Deno.test("a trace context that is no text fails the call", async () => {
  const trace = { traceparent: 1 } as unknown as { traceparent: string };
  const { failure } = await through((next) => (call) => next({ ...call, trace }));
  assertStringIncludes(failure, "hands on a trace that is none");
});

Deno.test("a guarded interceptor can't change the id of a call", async () => {
  const { handedOn } = await through((next) => (call) => next({ ...call, id: "another" }));
  assertEquals(handedOn.map(({ id }) => id), ["1"]);
});

Deno.test("a guarded interceptor may answer by itself", async () => {
  const own = outcomeOf("own");
  const { outcome, handedOn } = await through(() => () => Promise.resolve(own));
  assertEquals({ outcome, handedOn }, { outcome: own, handedOn: [] });
});

Deno.test("a guarded interceptor that throws fails the call with its error", async () => {
  const { failure } = await through(() => () => {
    throw new RpcError("permission_denied", "Cannot call: no tenant.");
  });
  assertEquals(failure, "Cannot call: no tenant.");
});

Deno.test("a call is handed on once, however often `next` is called", async () => {
  const { handedOn } = await through((next) => async (call) => {
    await next(call);
    return await next(call);
  });
  assertEquals(handedOn.length, 1);
});

Deno.test("the second call of `next` says what is wrong", async () => {
  const { failure } = await through(function twice(next) {
    return async (call) => {
      await next(call);
      return await next(call);
    };
  });
  assertStringIncludes(failure, 'the interceptor "twice" called `next` twice');
});

Deno.test("two calls at a time each go on once", async () => {
  let count = 0;
  const handler = guard((next) => (call) => next(call), onThrow)(() => {
    count++;
    return Promise.resolve(DONE);
  });
  await Promise.all([handler(callOf()), handler(callOf())]);
  assertEquals(count, 2);
});

Deno.test("a call out of nowhere is not handed on", async () => {
  const { failure } = await through((next) => () => next(callOf({ id: "another" })));
  assertStringIncludes(failure, "hands on another call");
});

for (const value of [undefined, null, 3, {}, { ok: true }, { ok: false, failure: "no" }]) {
  Deno.test(`${JSON.stringify(value)} in place of an outcome fails the call`, async () => {
    const interceptor = () => () => Promise.resolve(value);
    const { failure } = await through(interceptor as unknown as Interceptor);
    assertStringIncludes(failure, "returned no outcome");
  });
}

Deno.test("an interceptor sees nothing of what a side keeps on its calls", async () => {
  const seen: string[] = [];
  const call = { ...callOf(), replyTo: "somewhere" };
  await through((next) => async (call) => {
    seen.push(...Object.keys(call));
    return await next(call);
  }, call);
  assertEquals(seen.includes("replyTo"), false);
});

Deno.test("a call that is handed on after its interceptor settled goes nowhere", async () => {
  const late = Promise.withResolvers<CallHandler>();
  const { handedOn } = await through((next) => (call) => {
    late.resolve(() => next(call));
    return Promise.resolve(DONE);
  });
  const error = await (await late.promise)(callOf()).catch(String);
  assertStringIncludes(String(error), "called `next` after it had settled");
  assertEquals(handedOn, []);
});

for (const metadata of [undefined, null, { tenant: 5 }]) {
  Deno.test(`metadata ${JSON.stringify(metadata)} that an interceptor hands on fails the call`, async () => {
    const { failure } = await through((next) => (call) =>
      next({ ...call, metadata } as unknown as Call)
    );
    assertStringIncludes(failure, "metadata that is not text");
  });
}

Deno.test("an input that is not encoded fails the call", async () => {
  const { failure } = await through((next) => (call) =>
    next({ ...call, input: { a: 1 } } as unknown as Call)
  );
  assertStringIncludes(failure, "an input that is not encoded");
});

Deno.test("an interceptor that makes no handler is refused where the pipeline is built", () => {
  const interceptor = (() => undefined) as unknown as Interceptor;
  assertThrows(
    () => guard(interceptor, onThrow)(() => Promise.resolve(DONE)),
    RpcError,
    "it made no handler",
  );
});
