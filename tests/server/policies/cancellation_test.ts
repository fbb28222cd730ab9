import { assertEquals } from "@std/assert";
import { Cancellations } from "../../../src/server/cancellations.ts";
import { noCounts } from "../../../src/server/counts.ts";
import { cancellation } from "../../../src/server/policies/cancellation.ts";
import { codeOf, endOf, incomingCallOf, RAN, settled } from "./incoming_call_of.ts";

const name = { id: "1", digest: "d".repeat(22) };

Deno.test("a call that was canceled before it came does not go on, and has no reply", async () => {
  const cancellations = new Cancellations();
  cancellations.cancel(name);
  const { seen, handler } = endOf();
  const call = incomingCallOf();
  await cancellation(cancellations, noCounts())(handler)(call);
  assertEquals([seen.length, call.ending.fate], [0, "unanswered"]);
});

Deno.test("a call that is canceled while it runs is aborted, and has no reply whatever it gives", async () => {
  const cancellations = new Cancellations();
  const counts = noCounts();
  const gate = Promise.withResolvers<typeof RAN>();
  const { seen, handler } = endOf(() => gate.promise);
  const call = incomingCallOf();
  const handling = settled(cancellation(cancellations, counts)(handler), call);
  cancellations.cancel(name);
  gate.resolve(RAN);
  await handling;
  const { aborted } = seen[0]!.signal;
  assertEquals([aborted, call.ending.fate, counts.canceled], [true, "unanswered", 1]);
});

Deno.test("a call that nobody cancels is answered", async () => {
  const call = incomingCallOf();
  const handle = cancellation(new Cancellations(), noCounts())(endOf().handler);
  assertEquals([codeOf(await settled(handle, call)), call.ending.fate], ["ok", "answered"]);
});

Deno.test("a cancellation is not for an expression of the plain protocol", async () => {
  const cancellations = new Cancellations();
  cancellations.cancel(name);
  const { seen, handler } = endOf();
  await cancellation(cancellations, noCounts())(handler)(incomingCallOf({ origin: undefined }));
  assertEquals(seen.length, 1);
});
