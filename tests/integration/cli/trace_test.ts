// `rpc trace` on a real broker.
import { assertEquals, assertMatch } from "@std/assert";
import { Place } from "../place.ts";
import { rpc, values } from "./program.ts";

interface Verdict {
  readonly state: string;
  readonly request?: { readonly place: string; readonly command: string };
  readonly reply?: { readonly code: string; readonly server: string };
  readonly lag?: number;
}

const trace = async (id: string, topic: string) => {
  const ending = await rpc(["trace", id, "--topic", topic, "--json"]);
  return { code: ending.code, verdict: values(ending)[0] as Verdict };
};

Deno.test("an operator asks where a call is", async (t) => {
  await using place = new Place();
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<string>();
  const server = await place.serve({
    commands: {
      ping: () => "pong",
      held: async (_: null, context: { id: string }) => {
        begun.resolve(context.id);
        await gate.promise;
      },
    },
  });
  const client = await place.connect();
  let id = "";
  await client.call("ping", null, { onReceipt: (receipt) => void ({ id } = receipt) });

  await t.step("an answered call: both records and the server; exit code 0", async () => {
    const { code, verdict } = await trace(id, place.topic);
    const { state, request, reply } = verdict;
    const found = [code, state, request?.command, reply?.code, reply?.server];
    assertEquals(found, [0, "answered", "ping", "ok", server.id]);
  });

  await t.step("people get a line a record, and a conclusion", async () => {
    const { stdout } = await rpc(["trace", id, "--topic", place.topic]);
    assertMatch(stdout, /^✔ request .*\n(.*\n)*\nAnswered with ok by \S+\.\n$/);
  });

  await t.step("a call that runs: waiting, with nothing before it", async () => {
    const held = client.call("held", null);
    const { verdict } = await trace(await begun.promise, place.topic);
    gate.resolve();
    await held;
    assertEquals([verdict.state, verdict.lag], ["waiting", 0]);
  });

  await t.step("a call with a key of its own is found in another partition", async () => {
    const partitionKey = crypto.randomUUID();
    const onReceipt = (receipt: { id: string }) => void ({ id } = receipt);
    await client.call("ping", null, { partitionKey, onReceipt });
    const { verdict } = await trace(id, place.topic);
    assertEquals([verdict.state, verdict.reply?.code], ["answered", "ok"]);
  });

  await t.step("an id of a foreign form is found by reading", async () => {
    const headers = { "rpc-version": "1", "rpc-command": "ping" };
    const results = await place.results();
    await place.produce({ topic: place.topic, key: "order-7", value: "null", headers });
    await results.at(0);
    const { code, verdict } = await trace("order-7", place.topic);
    assertEquals([code, verdict.state, verdict.reply?.code], [0, "answered", "ok"]);
  });

  await t.step("a search ends at its limit, and says so", async () => {
    const { stdout } = await rpc(["trace", "order-8", "--topic", place.topic, "--limit", "1"]);
    assertMatch(stdout, /^Not found within the limit\. /m);
  });

  await t.step("an id that nobody used: not found; exit code 1", async () => {
    const { code, verdict } = await trace(crypto.randomUUID(), place.topic);
    assertEquals([code, verdict.state], [1, "not found"]);
  });
});
