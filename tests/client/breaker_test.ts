import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Breaker } from "../../src/client/breaker.ts";
import { connect } from "../../src/client/client.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";

const outage = new RpcError("unavailable", "x");
/** Long enough never to be over in a test, and none at all. */
const NEVER_MS = 600_000;
const AT_ONCE_MS = 0;

function opened(resetMs: number): Breaker {
  const breaker = new Breaker({ failures: 2, resetMs });
  for (const note of [breaker.pass("add"), breaker.pass("add")]) note(outage);
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
  breaker.pass("add")(undefined);
  assertEquals(breaker.state, "closed");
});

Deno.test("a breaker that was open long enough lets one call pass", () => {
  const breaker = opened(AT_ONCE_MS);
  breaker.pass("add");
  assertThrows(() => breaker.pass("add"), RpcError, "half-open");
});

Deno.test("an answer of the server's own, even a failure, begins the row anew", () => {
  const breaker = new Breaker({ failures: 2, resetMs: NEVER_MS });
  const answer = new RpcError("not_found", "x", { stage: "remote" });
  for (const error of [outage, answer, outage]) breaker.pass("add")(error);
  assertEquals(breaker.state, "closed");
});

Deno.test("a call that was refused here says nothing about the servers", () => {
  const breaker = new Breaker({ failures: 2, resetMs: NEVER_MS });
  const refused = new RpcError("resource_exhausted", "x", { stage: "request" });
  for (const error of [outage, refused, outage]) breaker.pass("add")(error);
  assertEquals(breaker.state, "open");
});

Deno.test("a call that passed before it opened does not end the probe", () => {
  const breaker = new Breaker({ failures: 2, resetMs: AT_ONCE_MS });
  const straggler = breaker.pass("add");
  for (const note of [breaker.pass("add"), breaker.pass("add")]) note(outage);
  breaker.pass("add");
  straggler(undefined);
  assertThrows(() => breaker.pass("add"), RpcError, "half-open");
});

Deno.test("a client shows the state of a command's breaker", async () => {
  await using client = await connect({
    transport: new MemoryBroker().transport(),
    breaker: { failures: 1, resetMs: NEVER_MS },
  });
  await assertRejects(() => client.call("add"), RpcError, "no server listens");
  assertEquals([client.breakerState("add"), client.breakerState("other")], ["open", "closed"]);
});
