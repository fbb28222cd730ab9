// Calls to every server, over the transport in memory.
import { assertEquals, assertRejects } from "@std/assert";
import { type Client, connect } from "../../src/client/client.ts";
import type { CallManyOptions, ServerReply } from "../../src/client/gathering.ts";
import type { ConnectOptions } from "../../src/client/options.ts";
import type { Interceptor } from "../../src/pipeline/call.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { serve, type Server } from "../../src/server/server.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { Arrivals } from "../arrivals.ts";
import { ALICE, CALLERS, SERVER, SERVERS } from "../signing/keys.ts";
import { ManualClock } from "../manual_clock.ts";

/** Servers that share a topic, and a client. */
class Fleet implements AsyncDisposable {
  readonly broker = new MemoryBroker();
  readonly servers: Server[] = [];
  readonly #opened = new AsyncDisposableStack();

  /** Starts one more server; `commands` are made with its number. */
  async serve(
    commands: (number: number) => ServeOptions["commands"] = (number) => ({ ping: () => number }),
    options: Partial<ServeOptions> = {},
  ): Promise<Server> {
    const server = this.#opened.use(
      await serve({
        commands: commands(this.servers.length),
        transport: this.broker.transport(),
        logger: silentLogger,
        ...options,
      }),
    );
    this.servers.push(server);
    return server;
  }

  async connect(options: Omit<ConnectOptions, "transport"> = {}): Promise<Client> {
    return this.#opened.use(await connect({ ...options, transport: this.broker.transport() }));
  }

  /** A member of the group that answers nothing: it does not read the control topic. */
  silent(): Promise<Server> {
    return this.serve(undefined, { cancellation: false });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

const valuesOf = (replies: readonly ServerReply[]) => replies.map(({ value }) => value).sort();

async function gather(client: Client, options?: CallManyOptions, command = "ping") {
  const gathering = client.callMany(command, undefined, options);
  const replies = await Array.fromAsync(gathering);
  return { replies, gathering };
}

Deno.test("every server answers a call to all of them, and then it ends", async () => {
  await using fleet = new Fleet();
  for (let n = 0; n < 3; n++) await fleet.serve();
  const { replies, gathering } = await gather(await fleet.connect());
  assertEquals([valuesOf(replies), gathering.missing], [[0, 1, 2], []]);
});

Deno.test("each reply has the id of its server", async () => {
  await using fleet = new Fleet();
  for (let n = 0; n < 2; n++) await fleet.serve();
  const { replies, gathering } = await gather(await fleet.connect());
  const ids = fleet.servers.map(({ id }) => id).sort();
  assertEquals([replies.map(({ server }) => server).sort(), [...gathering.answered].sort()], [
    ids,
    ids,
  ]);
});

Deno.test("a server that fails is a reply with an error", async () => {
  await using fleet = new Fleet();
  await fleet.serve(() => ({
    ping: () => {
      throw new RpcError("aborted", "not today");
    },
  }));
  const { replies: [reply] } = await gather(await fleet.connect());
  const { code, stage } = reply!.error!;
  assertEquals([code, stage], ["aborted", "remote"]);
});

Deno.test("at `timeoutMs` it ends with what came, and says who is missing", async () => {
  using clock = new ManualClock();
  await using fleet = new Fleet();
  await fleet.serve();
  const silent = await fleet.silent();
  const client = await fleet.connect();
  const gathering = gather(client, { timeoutMs: 2_500 });
  await clock.advance(2_500);
  const { replies, gathering: { missing } } = await gathering;
  assertEquals([valuesOf(replies), missing], [[0], [silent.id]]);
});

Deno.test("after `stallMs` without a further reply it ends", async () => {
  using clock = new ManualClock();
  await using fleet = new Fleet();
  await fleet.serve();
  await fleet.silent();
  const gathering = gather(await fleet.connect(), { timeoutMs: 60_000, stallMs: 300 });
  await clock.advance(300);
  assertEquals(valuesOf((await gathering).replies), [0]);
});

Deno.test("after `count` replies it ends", async () => {
  await using fleet = new Fleet();
  for (let n = 0; n < 3; n++) await fleet.serve();
  const { replies, gathering } = await gather(await fleet.connect(), { count: 2 });
  assertEquals([replies.length, gathering.missing!.length], [2, 1]);
});

Deno.test("a server that leaves meanwhile is not waited for, and is missing", async () => {
  using clock = new ManualClock();
  await using fleet = new Fleet();
  await fleet.serve();
  const silent = await fleet.silent();
  const gathering = gather(await fleet.connect(), { timeoutMs: 60_000 });
  await clock.advance(10);
  const closing = silent.close();
  await clock.advance(4_000);
  await closing;
  const { gathering: { missing } } = await gathering;
  assertEquals(missing, [silent.id]);
});

Deno.test("leaving the loop aborts the command at the other servers", async () => {
  await using fleet = new Fleet();
  await fleet.serve();
  const aborted = new Arrivals<string>();
  await fleet.serve(() => ({
    ping: (_: unknown, { signal, id }: { signal: AbortSignal; id: string }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          aborted.push(id);
          reject(signal.reason);
        });
      }),
  }));
  for await (const _ of (await fleet.connect()).callMany("ping")) break;
  assertEquals((await aborted.first(1)).length, 1);
});

Deno.test("an aborted signal ends the loop with its reason", async () => {
  await using fleet = new Fleet();
  await fleet.silent();
  const controller = new AbortController();
  const gathering = gather(await fleet.connect(), { signal: controller.signal });
  const rejected = assertRejects(() => gathering, TypeError, "stop");
  await Promise.resolve();
  controller.abort(new TypeError("stop"));
  await rejected;
});

Deno.test("close() ends the loop with canceled", async () => {
  await using fleet = new Fleet();
  await fleet.silent();
  const client = await fleet.connect();
  const rejected = assertRejects(() => gather(client), RpcError, "the client was closed");
  await client.close();
  assertEquals((await rejected).code, "canceled");
});

Deno.test("without a server it is unavailable, at once", async () => {
  await using fleet = new Fleet();
  const client = await fleet.connect();
  const { code, stage } = await assertRejects(() => gather(client), RpcError, "no server listens");
  assertEquals([code, stage], ["unavailable", "request"]);
});

Deno.test("a record that comes twice runs once, and is one reply", async () => {
  await using fleet = new Fleet();
  let runs = 0;
  await fleet.serve(() => ({ ping: () => ++runs }));
  const client = await fleet.connect();
  await gather(client);
  const [record] = fleet.broker.partitions("commands_control")[0]!.records;
  const { topic, key, value, headers } = record!;
  const repliesBefore = fleet.servers[0]!.counts.repeated;
  fleet.broker.append({ topic, key, value, headers: Object.fromEntries(headers) });
  await client.call("ping"); // Not before the copy: both topics are read in order of their records.
  await gather(client);
  assertEquals([runs, repliesBefore, fleet.servers[0]!.counts.repeated], [3, 0, 1]);
});

Deno.test("a server does not give the reply of another one for its own", async () => {
  await using fleet = new Fleet();
  await fleet.serve();
  const client = await fleet.connect();
  await gather(client);
  const [record] = fleet.broker.partitions("commands_control")[0]!.records;
  // It has read the replies when it gets the record again.
  await fleet.serve(() => ({ ping: () => "mine" }));
  const { topic, key, value, headers } = record!;
  const seen = new Arrivals<string>();
  const transport = fleet.broker.transport();
  for (let partition = 0; partition < 32; partition++) {
    const onRecord = ({ value }: { value: Uint8Array | null }) =>
      seen.push(new TextDecoder().decode(value!));
    await transport.read({ topic: "commands_results", partition, onRecord });
  }
  fleet.broker.append({ topic, key, value, headers: Object.fromEntries(headers) });
  assertEquals((await seen.first(2)).toSorted(), ['"mine"', "0"]);
  await transport.close();
});

Deno.test("a call to every server that asks for a stream gets one reply, and finishes no offset", async () => {
  await using fleet = new Fleet();
  await fleet.serve();
  const client = await fleet.connect();
  const headers = {
    "rpc-version": "1",
    "rpc-command": "ping",
    "rpc-control": "call",
    "rpc-reply": "stream",
    "rpc-credit": "10",
  };
  fleet.broker.append({ topic: "commands_control", key: "a", value: "", headers });
  await gather(client); // Behind that in the topic.
  await fleet.servers[0]!.close();
  const { committed } = fleet.broker.group("commands-servers", "commands");
  assertEquals([...committed], []);
});

Deno.test("interceptors of both sides see it", async () => {
  await using fleet = new Fleet();
  const seen: string[] = [];
  const noting = (side: string): Interceptor => (next) => (call) => {
    seen.push(`${side} ${call.command}`);
    return next(call);
  };
  await fleet.serve(undefined, { interceptors: [noting("server")] });
  await gather(await fleet.connect({ interceptors: [noting("client")] }));
  assertEquals(seen, ["client ping", "server ping"]);
});

Deno.test("an unknown command is an error of each server", async () => {
  await using fleet = new Fleet();
  for (let n = 0; n < 2; n++) await fleet.serve();
  const { replies } = await gather(await fleet.connect(), undefined, "pong");
  assertEquals(replies.map(({ error }) => error?.code), ["not_found", "not_found"]);
});

Deno.test("a gathering is begun once", async () => {
  await using fleet = new Fleet();
  await fleet.serve();
  const gathering = (await fleet.connect()).callMany("ping");
  await Array.fromAsync(gathering);
  await assertRejects(() => Array.fromAsync(gathering), RpcError, "each callMany() is one call");
});

Deno.test("without the control topic it is refused, with the option to change", async () => {
  await using fleet = new Fleet();
  await fleet.serve();
  const client = await fleet.connect({ cancellation: false });
  const { code } = await assertRejects(() => gather(client), RpcError, "`cancellation: false`");
  assertEquals(code, "failed_precondition");
});

Deno.test("misspelt options are refused", async () => {
  await using fleet = new Fleet();
  const client = await fleet.connect();
  const wrong = { stallsMs: 1 } as CallManyOptions;
  await assertRejects(() => gather(client, wrong), RpcError, "Did you mean `stallMs`?");
});

Deno.test("where both sides sign, every server answers too", async () => {
  await using fleet = new Fleet();
  for (let n = 0; n < 2; n++) await fleet.serve(undefined, { sign: SERVER, verify: CALLERS });
  const { replies } = await gather(await fleet.connect({ sign: ALICE, verify: SERVERS }));
  assertEquals(valuesOf(replies), [0, 1]);
});

Deno.test("where servers verify, a call to all that nobody signed is not run", async () => {
  await using fleet = new Fleet();
  const server = await fleet.serve(undefined, { sign: SERVER, verify: CALLERS });
  const { replies } = await gather(await fleet.connect());
  assertEquals([replies.map(({ error }) => error?.code), server.counts.unauthenticated], [
    ["unauthenticated"],
    1,
  ]);
});
