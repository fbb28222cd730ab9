// Calls to every server, where the cluster is slow to say who its servers are.
import { assertEquals, assertRejects } from "@std/assert";
import { type Client, connect } from "../../src/client/client.ts";
import { silentLogger as logger } from "../../src/logging/logger.ts";
import { serve, type Server } from "../../src/server/server.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { Arrivals } from "../arrivals.ts";
import { ManualClock } from "../manual_clock.ts";

type Members = readonly (string | undefined)[] | undefined;
const NEVER = new Promise<Members>(() => {});

/** Two servers, and a client that `asked` tells who they are. The second one answers when it may. */
async function sides(asked: (count: number, real: () => Promise<Members>) => Promise<Members>) {
  const opened = new AsyncDisposableStack();
  const broker = new MemoryBroker();
  const gate = Promise.withResolvers<void>();
  const asks = new Arrivals<number>();
  const servers: Server[] = [];
  for (const ping of [() => 1, () => gate.promise]) {
    const options = { commands: { ping }, logger, transport: broker.transport() };
    servers.push(opened.use(await serve(options)));
  }
  const transport = broker.transport();
  const real = transport.groupMembers!.bind(transport);
  let count = 0;
  transport.groupMembers = (group) => {
    asks.push(++count);
    return asked(count, () => real(group));
  };
  const client: Client = opened.use(await connect({ transport }));
  const close = () => {
    gate.resolve();
    return opened.disposeAsync();
  };
  return { client, servers, gate, asks, [Symbol.asyncDispose]: close };
}

Deno.test("an aborted signal ends the wait for the members", async () => {
  await using all = await sides(() => NEVER);
  const { signal, abort } = aborting();
  const values = Array.fromAsync(all.client.callMany("ping", undefined, { signal }));
  const rejected = assertRejects(() => values, TypeError, "stop");
  await all.asks.at(0);
  abort(new TypeError("stop"));
  await rejected;
});

Deno.test("close() ends the wait for the members with canceled", async () => {
  await using all = await sides(() => NEVER);
  const rejected = assertRejects(() => Array.fromAsync(all.client.callMany("ping")), RpcError);
  await all.asks.at(0);
  await all.client.close();
  assertEquals((await rejected).code, "canceled");
});

Deno.test("members that nobody names within `timeoutMs` are unavailable", async () => {
  using clock = new ManualClock();
  await using all = await sides(() => NEVER);
  const gathering = all.client.callMany("ping", undefined, { timeoutMs: 500 });
  const rejected = assertRejects(() => Array.fromAsync(gathering), RpcError, "within 500 ms");
  await clock.advance(500);
  const { code, stage } = await rejected;
  assertEquals([code, stage], ["unavailable", "request"]);
});

Deno.test("a reply is given while the members are looked at once more", async () => {
  using clock = new ManualClock();
  await using all = await sides((count, real) => count === 1 ? real() : NEVER);
  const given = new Arrivals<string>();
  const gathering = (async () => {
    for await (const { server } of all.client.callMany("ping")) given.push(server);
  })();
  await clock.advance(1_000);
  await all.asks.at(1);
  all.gate.resolve();
  await clock.advance(0);
  await gathering;
  assertEquals([...given.items].sort(), all.servers.map(({ id }) => id).sort());
});

Deno.test("a look at the members that never ends does not outlast `stallMs`", async () => {
  using clock = new ManualClock();
  await using all = await sides((count, real) => count === 1 ? real() : NEVER);
  const gathering = all.client.callMany("ping", undefined, { stallMs: 5_000 });
  const replies = Array.fromAsync(gathering);
  await clock.advance(5_000);
  assertEquals([(await replies).length, gathering.missing], [1, [all.servers[1]!.id]]);
});

Deno.test("a look at the members that fails ends the loop with its error", async () => {
  using clock = new ManualClock();
  const failure = new RpcError("permission_denied", "no way to ask");
  await using all = await sides((count, real) => count === 1 ? real() : Promise.reject(failure));
  const replies = Array.fromAsync(all.client.callMany("ping"));
  const rejected = assertRejects(() => replies, RpcError, "no way to ask");
  await clock.advance(1_000);
  await rejected;
});

function aborting() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: unknown) => controller.abort(reason) };
}
