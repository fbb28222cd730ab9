import { assertEquals, assertStringIncludes } from "@std/assert";
import { silentLogger } from "../../../src/logging/logger.ts";
import { failureLog, interceptorFailure } from "../../../src/server/policies/failure_log.ts";
import { RpcError } from "../../../src/wire/errors.ts";
import type { Outcome } from "../../../src/wire/outcome.ts";
import { codeOf, endOf, incomingCallOf, throttled } from "./incoming_call_of.ts";

/** The lines about a call of this outcome. */
async function lines(outcome: Outcome, isExpression = false) {
  const { logger, throttle: failures } = throttled();
  const policy = failureLog({ logger: silentLogger, failures, isExpression: () => isExpression });
  await policy(endOf(() => Promise.resolve(outcome)).handler)(incomingCallOf());
  return logger.lines.items;
}
const failed = (parts: object): Outcome => ({
  ok: false,
  failure: { code: "unknown", name: "TypeError", message: "boom", ...parts },
});

Deno.test("a mistake is logged, with its call", async () => {
  const [line] = await lines(failed({ stack: "TypeError: boom\n    at x" }));
  assertEquals([line?.message, line?.fields["id"]], ["a command failed", "1"]);
});

Deno.test("a failure that has a line already has no second one", async () => {
  assertEquals(await lines({ ...failed({}), logged: true } as Outcome), []);
});

Deno.test("an RpcError that was thrown on purpose is not logged", async () => {
  const meant = { code: "permission_denied", name: "RpcError", stack: "RpcError: no\n    at x" };
  assertEquals(await lines(failed(meant)), []);
});

Deno.test("what is wrong with an expression is not logged", async () => {
  assertEquals(await lines(failed({}), true), []);
});

Deno.test("the error of an interceptor is logged, and not echoed", () => {
  const { logger, throttle } = throttled();
  const outcome = interceptorFailure(throttle)(new TypeError("secret"), incomingCallOf());
  assertEquals([codeOf(outcome), JSON.stringify(outcome).includes("secret")], ["internal", false]);
  assertStringIncludes(String(logger.lines.items[0]?.fields["error"]), "TypeError: secret");
});

Deno.test("an RpcError of an interceptor is the failure of the call, and not logged", () => {
  const { logger, throttle } = throttled();
  const error = new RpcError("permission_denied", "Cannot run: no tenant.", { details: { a: 1 } });
  const outcome = interceptorFailure(throttle)(error, incomingCallOf());
  assertEquals([codeOf(outcome), outcome.ok || outcome.failure.details, logger.lines.items], [
    "permission_denied",
    { a: 1 },
    [],
  ]);
});
