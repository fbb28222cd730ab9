// A call to a topic that no server listens on.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { connect } from "../../src/client/client.ts";
import { ServerPresence } from "../../src/client/server_presence.ts";
import { serve } from "../../src/server/server.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { hurriedClock } from "../clock.ts";
import { ManualClock } from "../manual_clock.ts";

Deno.test("a call is refused at once where no server listens", async () => {
  await using client = await connect({ transport: new MemoryBroker().transport() });
  const error = await assertRejects(() => client.call("add"), RpcError, "no server listens");
  assertEquals([error.code, error.stage], ["unavailable", "request"]);
});

Deno.test("nothing is sent where no server listens", async () => {
  const broker = new MemoryBroker();
  await using client = await connect({ transport: broker.transport() });
  await assertRejects(() => client.call("add"), RpcError);
  assertEquals(broker.partitions("commands")[0]?.records.length, 0);
});

Deno.test("a call that waits for a server is answered by one that starts later", async () => {
  const broker = new MemoryBroker();
  await using client = await connect({ transport: broker.transport() });
  const calling = client.call("one", undefined, { waitForServer: true });
  const commands = { one: () => 1 };
  await using _server = await serve({
    commands,
    transport: broker.transport(),
    logger: silentLogger,
  });
  assertEquals(await calling, 1);
});

Deno.test("servers of another group count where that group is named", async () => {
  const broker = new MemoryBroker();
  await using _server = await serve({
    commands: { one: () => 1 },
    group: "ours",
    transport: broker.transport(),
    logger: silentLogger,
  });
  await using client = await connect({ transport: broker.transport(), group: "ours" });
  assertEquals(await client.call("one"), 1);
});

Deno.test("where the cluster forbids the question, the call goes on", async () => {
  const presence = new ServerPresence(() => Promise.resolve(undefined));
  assertEquals(await presence.live(), true);
});

Deno.test("a reply shows that a server listens: no call waits for the group's description", () => {
  const presence = new ServerPresence(() => Promise.reject(new Error("asked")));
  presence.heard();
  assertEquals(presence.live(), true);
});

Deno.test("calls that begin together ask once", async () => {
  let asked = 0;
  const presence = new ServerPresence(() => Promise.resolve(++asked > 0));
  await Promise.all([presence.live(), presence.live(), presence.live()]);
  assertEquals(asked, 1);
});

Deno.test("where it could not be found out, the next call does not wait for the question", async () => {
  let asked = 0;
  const forever = new Promise<undefined>(() => {});
  const presence = new ServerPresence(() => ++asked === 1 ? Promise.resolve(undefined) : forever);
  await presence.live();
  assertEquals(presence.live(), true);
});

/** A client whose question about servers gets no answer. */
async function unanswered() {
  const transport = new MemoryBroker().transport();
  transport.groupIsLive = () => new Promise(() => {});
  return await connect({ transport });
}

Deno.test("a deadline ends a call that still asks whether a server listens", async () => {
  using clock = new ManualClock();
  await using client = await unanswered();
  const rejected = assertRejects(() => client.call("add", 1, { timeoutMs: 1 }), RpcError);
  await clock.advance(1);
  const error = await rejected;
  assertEquals([error.code, client.counts.pending], ["unavailable", 0]);
});

Deno.test("close() ends a call that still asks whether a server listens", async () => {
  const client = await unanswered();
  const rejected = assertRejects(() => client.call("add"), RpcError, "the client was closed");
  await client.close();
  assertEquals((await rejected).code, "canceled");
});

/** A call right after a reply of the last server, which has closed since. */
async function afterTheLastServer(options: { waitForServer?: boolean; timeoutMs?: number }) {
  using _ = hurriedClock();
  const broker = new MemoryBroker();
  const commands = { one: () => 1 };
  const transport = broker.transport();
  const server = await serve({ commands, transport, logger: silentLogger });
  await using client = await connect({ transport: broker.transport() });
  await client.call("one");
  await server.close();
  return await assertRejects(() => client.call("one", undefined, options), RpcError);
}

Deno.test("a call that was sent after the last server left ends, long before its deadline", async () => {
  const { code, stage, message } = await afterTheLastServer({});
  assertEquals([code, stage], ["unavailable", "wait"]);
  assertStringIncludes(message, "no server listens on commands any more");
});

Deno.test("one that waits for a server is not ended", async () => {
  const { code } = await afterTheLastServer({ waitForServer: true, timeoutMs: 10_000 });
  assertEquals(code, "deadline_exceeded");
});
