import { assertEquals } from "@std/assert";
import { noCounts } from "../../../src/server/counts.ts";
import type { IncomingCall } from "../../../src/server/incoming_call.ts";
import { replyCache } from "../../../src/server/policies/reply_cache.ts";
import { ReplyCache } from "../../../src/server/reply_cache.ts";
import { codeOf, endOf, incomingCallOf, RAN, settled, throttled } from "./incoming_call_of.ts";

/** The policy before a handler that counts. */
function open() {
  const counts = noCounts();
  const cache = new ReplyCache({ windowMs: 60_000, maxEntries: 10, maxBytes: 1_000 });
  const { seen, handler } = endOf();
  const policy = replyCache(cache, { counts, conflicts: throttled().throttle });
  const handle = (call: IncomingCall) => settled(policy(handler), call);
  return { counts, seen, policy, handler, handle };
}

Deno.test("a repeated call has the outcome of the first, and does not go on", async () => {
  const { handle, seen, counts } = open();
  await handle(incomingCallOf());
  const repeat = incomingCallOf();
  assertEquals([await handle(repeat), seen.length, counts.repeated, repeat.ending.counted], [
    RAN,
    1,
    1,
    true,
  ]);
});

Deno.test("an id with another digest is refused after its call was answered", async () => {
  const { handle } = open();
  const call = incomingCallOf();
  await handle(call);
  const other = incomingCallOf({ origin: { ...call.origin!, digest: "e".repeat(22) } });
  assertEquals(codeOf(await handle(other)), "already_exists");
});

for (const fate of ["released", "unanswered"] as const) {
  Deno.test(`the outcome of a call that is ${fate} is not kept, whatever it says`, async () => {
    const { policy, handler, seen } = open();
    const handle = policy(async (call) => {
      const outcome = await handler(call);
      call.ending.fate = fate;
      return outcome;
    });
    await settled(handle, incomingCallOf());
    await settled(handle, incomingCallOf());
    assertEquals(seen.length, 2);
  });
}

Deno.test("expressions of the plain protocol do not repeat each other", async () => {
  const { handle, seen } = open();
  await handle(incomingCallOf({ origin: undefined }));
  await handle(incomingCallOf({ origin: undefined }));
  assertEquals(seen.length, 2);
});
