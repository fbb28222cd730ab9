import { assertEquals } from "@std/assert";
import { sizeLimits } from "../../../src/server/policies/size_limits.ts";
import { codeOf, endOf, incomingCallOf } from "./incoming_call_of.ts";
import { policiesOf } from "./policies_of.ts";

/** The code of a call with so many bytes of input, and 4 of metadata, where 10 are allowed. */
async function code(bytes: number): Promise<string> {
  const policy = policiesOf({ requestBytes: 10 }).of("add");
  const input = { bytes: new Uint8Array(bytes), contentType: "application/json" };
  const call = incomingCallOf({ input, metadata: { ab: "cd" }, policy });
  return codeOf(await sizeLimits(endOf().handler)(call));
}

Deno.test("a call as large as the limit goes on", async () => {
  assertEquals(await code(6), "ok");
});

Deno.test("a larger call is refused", async () => {
  assertEquals(await code(7), "resource_exhausted");
});
