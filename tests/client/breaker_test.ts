import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Breaker } from "../../src/client/breaker.ts";
import { connect } from "../../src/client/client.ts";
import { MemoryBroker } from "../../src/transport/memory.ts";
import { RpcError } from "../../src/wire/errors.ts";

const outage = new RpcError("unavailable", "x");
/** Long enough never to be over in a test, and none at all. */
const NEVER_MS = 600_000;
const AT_ONCE_MS = 0;

function opened(resetMs: number): Breaker {
  const breaker = new Breaker({ failures: 2, resetMs });
  breaker.note(outage);
  breaker.note(outage);
  return breaker;
}

Deno.test("a breaker is closed at first", () => {
  assertEquals(new Breaker({ failures: 1, resetMs: NEVER_MS }).state, "closed");
});

Deno.test("a breaker opens after so many failures in a row", () => {
  assertEquals(opened(NEVER_MS).state, "open");
});

Deno.test("an open breaker lets no call pass", () => {
  assertThrows(() => opened(NEVER_MS).pass("add"), RpcError, "circuit breaker is open");
});

Deno.test("a success closes a breaker", () => {
  const breaker = opened(AT_ONCE_MS);
  breaker.pass("add");
  breaker.note(undefined);
  assertEquals(breaker.state, "closed");
});

Deno.test("a breaker that was open long enough lets one call pass", () => {
  const breaker = opened(AT_ONCE_MS);
  breaker.pass("add");
  assertThrows(() => breaker.pass("add"), RpcError, "half-open");
});

Deno.test("a failure in between keeps a breaker from opening only if it is the server's answer", () => {
  const breaker = new Breaker({ failures: 2, resetMs: NEVER_MS });
  breaker.note(outage);
  breaker.note(new RpcError("not_found", "x"));
  breaker.note(outage);
  assertEquals(breaker.state, "closed");
});

Deno.test("a client shows the state of a command's breaker", async () => {
  await using client = await connect({
    transport: new MemoryBroker().transport(),
    breaker: { failures: 1, resetMs: NEVER_MS },
  });
  await assertRejects(() => client.call("add"), RpcError, "no server listens");
  assertEquals([client.breakerState("add"), client.breakerState("other")], ["open", "closed"]);
});
