import { assertEquals } from "@std/assert";
import { timeLimit } from "../../../src/server/policies/time_limit.ts";
import { RpcError } from "../../../src/wire/errors.ts";
import type { Outcome } from "../../../src/wire/outcome.ts";
import { codeOf, endOf, incomingCallOf } from "./incoming_call_of.ts";
import { policiesOf } from "./policies_of.ts";

const forever = () => new Promise<Outcome>(() => {});

Deno.test("code of users that never settles is ended by timeoutMs", async () => {
  const policy = policiesOf({ timeoutMs: 5 }).of("add");
  const outcome = await timeLimit(endOf(forever).handler)(incomingCallOf({ policy }));
  assertEquals(codeOf(outcome), "deadline_exceeded");
});

Deno.test("code of users that never settles is ended by the caller's deadline", async () => {
  const call = incomingCallOf({ deadline: Date.now() + 5 });
  assertEquals(codeOf(await timeLimit(endOf(forever).handler)(call)), "deadline_exceeded");
});

Deno.test("code of users that never settles is ended by the stop of the server", async () => {
  const call = incomingCallOf();
  const handling = timeLimit(endOf(forever).handler)(call);
  call.ending.abort(new RpcError("unavailable", "Cannot finish: stopped."));
  assertEquals(codeOf(await handling), "unavailable");
});

Deno.test("what goes on after its call is answered is aborted", async () => {
  const { seen, handler } = endOf();
  await timeLimit(handler)(incomingCallOf());
  assertEquals(seen[0]!.signal.aborted, true);
});

Deno.test("the signal of a call aborts with the call's own", async () => {
  const call = incomingCallOf();
  const gate = Promise.withResolvers<Outcome>();
  const { seen, handler } = endOf(() => gate.promise);
  const handling = timeLimit(handler)(call);
  call.ending.abort(new RpcError("canceled", "Cannot go on."));
  gate.resolve({ ok: false, failure: { code: "canceled", name: "RpcError", message: "x" } });
  await handling;
  assertEquals(seen[0]!.signal.aborted, true);
});
