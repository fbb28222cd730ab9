import { assertEquals } from "@std/assert";
import { noCounts } from "../../../src/server/counts.ts";
import { joinInFlight } from "../../../src/server/policies/join_in_flight.ts";
import { codeOf, endOf, incomingCallOf, RAN, throttled } from "./incoming_call_of.ts";

/** The policy before a handler that waits for the test. */
function open() {
  const counts = noCounts();
  const gate = Promise.withResolvers<typeof RAN>();
  const { seen, handler } = endOf(() => gate.promise);
  const handle = joinInFlight({ counts, conflicts: throttled().throttle })(handler);
  return { counts, gate, seen, handle };
}

Deno.test("a call that comes again while the first runs has its outcome, and does not go on", async () => {
  const { handle, gate, seen, counts } = open();
  const both = [handle(incomingCallOf()), handle(incomingCallOf())];
  gate.resolve(RAN);
  assertEquals([await Promise.all(both), seen.length, counts.repeated], [[RAN, RAN], 1, 1]);
});

Deno.test("an id with another digest is refused while its call runs", async () => {
  const { handle, gate } = open();
  const first = incomingCallOf();
  const running = handle(first);
  const other = incomingCallOf({ origin: { ...first.origin!, digest: "e".repeat(22) } });
  const code = codeOf(await handle(other));
  gate.resolve(RAN);
  await running;
  assertEquals([code, other.ending.own], ["already_exists", false]);
});

Deno.test("a call that joined one which is released is released with it", async () => {
  const { handle, gate } = open();
  const calls = [incomingCallOf(), incomingCallOf()] as const;
  const both = calls.map(handle);
  calls[0].ending.fate = "released";
  gate.resolve(RAN);
  await Promise.all(both);
  assertEquals(calls[1].ending.fate, "released");
});

Deno.test("a call can be joined until all policies in front have settled", async () => {
  const { handle, gate, seen } = open();
  gate.resolve(RAN);
  const first = incomingCallOf();
  await handle(first);
  await handle(incomingCallOf());
  first.ending.settle(first);
  await handle(incomingCallOf());
  assertEquals(seen.length, 2);
});
