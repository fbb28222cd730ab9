import { assertEquals, assertStrictEquals } from "@std/assert";
import { requestLimits } from "../../../src/client/policies/request_limits.ts";
import { callOf, outcomeOf } from "../../pipeline/call_of.ts";
import { errorOf, outgoingCallOf } from "../outgoing_call_of.ts";

const sent = Promise.resolve(outcomeOf("sent"));
const handler = requestLimits(10)(() => sent);
const bytes = (length: number) => ({ ...callOf().input, bytes: new Uint8Array(length) });

Deno.test("a call within the limit gets the promise of what stands behind", () => {
  assertStrictEquals(handler(outgoingCallOf({ input: bytes(10) })), sent);
});

Deno.test("a call over the limit is refused with both sizes", async () => {
  const call = outgoingCallOf({ input: bytes(6), metadata: { a: "Grü" } });
  const { code, stage, id, details } = errorOf(await handler(call))!;
  assertEquals([code, stage, id, details], [
    "resource_exhausted",
    "request",
    "1",
    { size: 11, limit: 10 },
  ]);
});
