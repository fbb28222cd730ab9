import { assertEquals } from "@std/assert";
import { tracingChannel } from "node:diagnostics_channel";
import type { Call } from "../../src/pipeline/call.ts";
import { publish } from "../../src/pipeline/diagnostics.ts";
import type { Outcome } from "../../src/wire/outcome.ts";
import { openSides } from "../telemetry/sides.ts";
import { callOf, outcomeOf } from "./call_of.ts";

type Message = { readonly call: Call; readonly result?: Outcome };
type Channel = `kafka-rpc.${"client" | "server"}.call`;

/** What came on a channel while something ran: each event with the message as it was then. */
async function during(name: Channel, run: () => Promise<unknown>): Promise<[string, Message][]> {
  const channel = tracingChannel<Message, Message>(name);
  const seen: [string, Message][] = [];
  const note = (event: string) => (message: object) =>
    void seen.push([event, { ...message as Message }]);
  const subscribers = {
    start: note("start"),
    end: () => {},
    asyncStart: () => {},
    asyncEnd: note("asyncEnd"),
    error: note("error"),
  };
  channel.subscribe(subscribers);
  try {
    await run();
  } finally {
    channel.unsubscribe(subscribers);
  }
  return seen;
}

for (const name of ["kafka-rpc.client.call", "kafka-rpc.server.call"] as const) {
  Deno.test(`${name} has the start and the end of a call`, async () => {
    await using sides = await openSides();
    const seen = await during(name, () => sides.client.call("add", { a: 1, b: 2 }));
    assertEquals(seen.map(([event, { call, result }]) => [event, call.command, result?.ok]), [
      ["start", "add", undefined],
      ["asyncEnd", "add", true],
    ]);
  });

  Deno.test(`${name} has a failure as a result, not as an error`, async () => {
    await using sides = await openSides();
    const seen = await during(name, () => sides.client.call("fail").catch(() => {}));
    assertEquals(seen.map(([event, { result }]) => [event, result?.ok]), [
      ["start", undefined],
      ["asyncEnd", false],
    ]);
  });
}

Deno.test("a subscriber sees nothing of a call but what interceptors see", async () => {
  const secret = { ...callOf(), secret: "sesame" };
  const handle = publish<Call>("client")(() => Promise.resolve(outcomeOf("done")));
  const [[, { call }] = ["", { call: secret }]] = await during(
    "kafka-rpc.client.call",
    () => handle(secret),
  );
  assertEquals("secret" in call, false);
});

Deno.test("a subscriber sees which calls are one-way", async () => {
  const handle = publish<Call>("client")(() => Promise.resolve(outcomeOf("done")));
  const seen = await during("kafka-rpc.client.call", () => handle({ ...callOf(), oneWay: true }));
  assertEquals(seen.map(([, { call }]) => call.oneWay), [true, true]);
});

Deno.test("a call that nobody looks at goes on as it is", async () => {
  const call = callOf();
  const handedOn: Call[] = [];
  await publish<Call>("server")((call) => {
    handedOn.push(call);
    return Promise.resolve(outcomeOf("done"));
  })(call);
  assertEquals(handedOn[0] === call, true);
});
