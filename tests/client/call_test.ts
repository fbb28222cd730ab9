// The shared client, without a broker; with one, see tests/integration/shared_call_test.ts.
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { call, closeSharedClient } from "../../src/client/call.ts";
import { RpcError } from "../../src/wire/errors.ts";

/** Runs with KAFKA_BROKERS set to this, and puts back what was there. */
async function withBrokers<T>(brokers: string, run: () => Promise<T>): Promise<T> {
  const before = Deno.env.get("KAFKA_BROKERS");
  Deno.env.set("KAFKA_BROKERS", brokers);
  try {
    return await run();
  } finally {
    if (before === undefined) Deno.env.delete("KAFKA_BROKERS");
    else Deno.env.set("KAFKA_BROKERS", before);
  }
}

const failing = () => assertRejects(() => call("add"), RpcError);

Deno.test("call() rejects as connect() does", async () => {
  const error = await withBrokers("nonsense", failing);
  assertEquals([error.code, error.message.includes("variable KAFKA_BROKERS: ")], [
    "invalid_argument",
    true,
  ]);
});

Deno.test("call() tries anew after a connect that failed", async () => {
  await withBrokers("nonsense", failing);
  const error = await withBrokers("other", failing);
  assertMatch(error.message, /"other"/);
});

Deno.test("the stack of a rejected shared call points at the caller's line", async () => {
  async function theCaller() {
    await call("add");
  }
  const { stack } = await withBrokers("nonsense", () => assertRejects(theCaller, RpcError));
  assertMatch(stack!.split("\n").find((line) => line.includes(" at "))!, /theCaller.*call_test/);
});

Deno.test("two shared calls that fail together point each at its own line", async () => {
  const [one, two] = await withBrokers("nonsense", () => {
    const theFirst = async () => await call("a");
    const theSecond = async () => await call("b");
    return Promise.all([assertRejects(theFirst, RpcError), assertRejects(theSecond, RpcError)]);
  });
  assertEquals([/theFirst/.test(one.stack!), /theSecond/.test(two.stack!)], [true, true]);
});

Deno.test("closeSharedClient() does nothing where there is no client", async () => {
  assertEquals(await closeSharedClient(), undefined);
});

Deno.test("closeSharedClient() does not fail where connecting failed", async () => {
  await withBrokers("nonsense", async () => {
    const failed = failing();
    await closeSharedClient();
    await failed;
  });
});

Deno.test("call() refuses a timeoutMs that cannot be right", async () => {
  const error = await assertRejects(() => call("add", 1, { timeoutMs: -5 }), RpcError, "timeoutMs");
  assertEquals(error.code, "invalid_argument");
});
