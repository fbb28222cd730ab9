import { assertEquals } from "@std/assert";
import { timeLimit } from "../../../src/server/policies/time_limit.ts";
import { RpcError } from "../../../src/wire/errors.ts";
import type { Outcome } from "../../../src/wire/outcome.ts";
import { codeOf, endOf, incomingCallOf } from "./incoming_call_of.ts";

const forever = () => new Promise<Outcome>(() => {});
const never = new AbortController().signal;

Deno.test("code of users that never settles is ended by timeoutMs", async () => {
  const policy = timeLimit({ timeoutMs: 5, stopping: never, foreign: true });
  const outcome = await policy(endOf(forever).handler)(incomingCallOf());
  assertEquals(codeOf(outcome), "deadline_exceeded");
});

Deno.test("code of users that never settles is ended by the caller's deadline", async () => {
  const policy = timeLimit({ timeoutMs: 600_000, stopping: never, foreign: true });
  const call = incomingCallOf({ deadline: Date.now() + 5 });
  assertEquals(codeOf(await policy(endOf(forever).handler)(call)), "deadline_exceeded");
});

Deno.test("code of users that never settles is ended by the stop of the server", async () => {
  const stopping = new AbortController();
  const policy = timeLimit({ timeoutMs: 600_000, stopping: stopping.signal, foreign: true });
  const handling = policy(endOf(forever).handler)(incomingCallOf());
  stopping.abort(new RpcError("unavailable", "Cannot finish: stopped."));
  assertEquals(codeOf(await handling), "unavailable");
});

Deno.test("what goes on after its call is answered is aborted", async () => {
  const policy = timeLimit({ timeoutMs: 600_000, stopping: never, foreign: true });
  const { seen, handler } = endOf();
  await policy(handler)(incomingCallOf());
  assertEquals(seen[0]!.signal.aborted, true);
});

Deno.test("the signal of a call aborts with the call's own", async () => {
  const controller = new AbortController();
  const gate = Promise.withResolvers<Outcome>();
  const { seen, handler } = endOf(() => gate.promise);
  const policy = timeLimit({ timeoutMs: 600_000, stopping: never, foreign: false });
  const handling = policy(handler)(incomingCallOf({ signal: controller.signal }));
  controller.abort(new RpcError("canceled", "Cannot go on."));
  gate.resolve({ ok: false, failure: { code: "canceled", name: "RpcError", message: "x" } });
  await handling;
  assertEquals(seen[0]!.signal.aborted, true);
});
