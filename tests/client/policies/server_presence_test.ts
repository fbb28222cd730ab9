import { assertEquals, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { serverPresence } from "../../../src/client/policies/server_presence.ts";
import { ManualClock } from "../../manual_clock.ts";
import { outcomeOf } from "../../pipeline/call_of.ts";
import { errorOf, outgoingCallOf } from "../outgoing_call_of.ts";

const sent = Promise.resolve(outcomeOf("sent"));
const PLACE = { topic: "commands", group: "g" };

/** What a call comes to where this is known of the servers. */
function handled(live: true | Promise<boolean>, call = outgoingCallOf()) {
  return serverPresence({ live: () => live }, PLACE)(() => sent)(call);
}

Deno.test("where a server is known to listen, a call gets the promise of what stands behind", () => {
  assertStrictEquals(handled(true), sent);
});

Deno.test("a call that waits for a server does not ask", () => {
  assertStrictEquals(
    handled(Promise.resolve(false), outgoingCallOf({ waitForServer: true })),
    sent,
  );
});

Deno.test("a call goes on once the cluster has said that a server listens", async () => {
  assertEquals(await handled(Promise.resolve(true)), await sent);
});

Deno.test("a call is refused, with its id, where no server listens", async () => {
  const { code, stage, id, message } = errorOf(await handled(Promise.resolve(false)))!;
  assertEquals([code, stage, id], ["unavailable", "request", "1"]);
  assertStringIncludes(message, "no server listens on commands: the consumer group g");
});

Deno.test("the deadline ends the wait for what the cluster says", async () => {
  using clock = new ManualClock();
  const call = outgoingCallOf({ deadline: clock.wallTime() + 1_000 });
  const outcome = handled(new Promise(() => {}), call);
  await clock.advance(1_000);
  const { code, stage } = errorOf(await outcome)!;
  assertEquals([code, stage], ["unavailable", "request"]);
});

Deno.test("a caller that cancels ends the wait for what the cluster says", async () => {
  using _ = new ManualClock();
  const caller = AbortSignal.abort();
  assertEquals(
    errorOf(await handled(new Promise(() => {}), outgoingCallOf({ caller })))!.code,
    "canceled",
  );
});
