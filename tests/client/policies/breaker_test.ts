import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { connect } from "../../../src/client/client.ts";
import { Breakers, type BreakerSettings } from "../../../src/client/policies/breaker.ts";
import { MemoryBroker } from "../../../src/transport/memory/broker.ts";
import { RpcError } from "../../../src/wire/errors.ts";
import type { Outcome } from "../../../src/wire/outcome.ts";
import { outcomeOf } from "../../pipeline/call_of.ts";
import { errorOf, failureOf, outgoingCallOf } from "../outgoing_call_of.ts";

const OUTAGE = failureOf("unavailable", "send");
const DONE = outcomeOf("done");
/** Long enough never to be over in a test, and none at all. */
const NEVER_MS = 600_000;
const AT_ONCE_MS = 0;

/** Breakers, and calls of `add` that end as the test says. */
function breaking(settings: BreakerSettings) {
  const breakers = new Breakers(settings);
  const ends: ((outcome: Outcome) => void)[] = [];
  const handler = breakers.policy(() => new Promise((resolve) => ends.push(resolve)));
  const begin = () => {
    const outcome = handler(outgoingCallOf());
    return { outcome, end: ends.at(-1)! };
  };
  const run = async (outcome: Outcome) => {
    const call = begin();
    call.end(outcome);
    return await call.outcome;
  };
  return { begin, run, state: () => breakers.state("add") };
}

async function opened(resetMs: number) {
  const breaker = breaking({ failures: 2, resetMs });
  for (let i = 0; i < 2; i++) await breaker.run(OUTAGE);
  return breaker;
}

Deno.test("a breaker is closed at first", () => {
  assertEquals(breaking({ failures: 1, resetMs: NEVER_MS }).state(), "closed");
});

Deno.test("a breaker opens after so many failures in a row", async () => {
  assertEquals((await opened(NEVER_MS)).state(), "open");
});

for (const code of ["unavailable", "deadline_exceeded"] as const) {
  Deno.test(`a breaker counts ${code}, by whatever side it is found out`, async () => {
    const breaker = breaking({ failures: 2, resetMs: NEVER_MS });
    await breaker.run(failureOf(code, "wait"));
    await breaker.run(failureOf(code, "remote"));
    assertEquals(breaker.state(), "open");
  });
}

for (const code of ["internal", "unknown", "aborted", "resource_exhausted"] as const) {
  Deno.test(`a breaker does not count ${code}`, async () => {
    const breaker = breaking({ failures: 1, resetMs: NEVER_MS });
    await breaker.run(failureOf(code));
    assertEquals(breaker.state(), "closed");
  });
}

Deno.test("an open breaker lets no call pass", async () => {
  const { begin } = await opened(NEVER_MS);
  const { code, message, stage, id } = errorOf(await begin().outcome)!;
  assertEquals([code, stage, id], ["unavailable", "request", "1"]);
  assertStringIncludes(message, "circuit breaker is open after 2 failures");
});

Deno.test("a success closes a breaker", async () => {
  const breaker = await opened(AT_ONCE_MS);
  await breaker.run(DONE);
  assertEquals(breaker.state(), "closed");
});

Deno.test("a breaker that was open long enough lets one call pass", async () => {
  const { begin } = await opened(AT_ONCE_MS);
  begin();
  assertStringIncludes(errorOf(await begin().outcome)!.message, "half-open");
});

Deno.test("a probe that is canceled lets another call try", async () => {
  const breaker = await opened(AT_ONCE_MS);
  await breaker.run(failureOf("canceled", "wait"));
  assertEquals(await breaker.run(DONE), DONE);
});

Deno.test("an answer of the server's own, even a failure, begins the row anew", async () => {
  const breaker = breaking({ failures: 2, resetMs: NEVER_MS });
  for (const outcome of [OUTAGE, failureOf("not_found"), OUTAGE]) await breaker.run(outcome);
  assertEquals(breaker.state(), "closed");
});

Deno.test("a call that was refused here says nothing about the servers", async () => {
  const breaker = breaking({ failures: 2, resetMs: NEVER_MS });
  const refused = failureOf("resource_exhausted", "request");
  for (const outcome of [OUTAGE, refused, OUTAGE]) await breaker.run(outcome);
  assertEquals(breaker.state(), "open");
});

Deno.test("a call that passed before it opened does not end the probe", async () => {
  const breaker = breaking({ failures: 2, resetMs: AT_ONCE_MS });
  const straggler = breaker.begin();
  for (let i = 0; i < 2; i++) await breaker.run(OUTAGE);
  breaker.begin();
  straggler.end(DONE);
  await straggler.outcome;
  assertStringIncludes(errorOf(await breaker.begin().outcome)!.message, "half-open");
});

Deno.test("a client shows the state of a command's breaker", async () => {
  await using client = await connect({
    transport: new MemoryBroker().transport(),
    breaker: { failures: 1, resetMs: NEVER_MS },
  });
  await assertRejects(() => client.call("add"), RpcError, "no server listens");
  assertEquals([client.breakerState("add"), client.breakerState("other")], ["open", "closed"]);
});
