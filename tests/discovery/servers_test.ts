// client.servers() over the transport in memory.
import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import { PACKAGE_VERSION } from "../../src/wire/package_version.ts";
import { ManualClock } from "../manual_clock.ts";
import { ask, Fleet } from "./fleet.ts";

Deno.test("servers() gives every server, by its id, and nobody is missing", async () => {
  await using fleet = new Fleet();
  const ids = [(await fleet.serve()).id, (await fleet.serve()).id].sort();
  const { servers, refused, missing } = await ask(await fleet.connect(), "info");
  assertEquals([servers.map(({ server }) => server), refused, missing], [ids, [], []]);
});

Deno.test("a ping says which server it is, where it serves and since when", async () => {
  await using fleet = new Fleet();
  const before = Date.now();
  const server = await fleet.serve();
  const { servers: [found] } = await ask(await fleet.connect(), "ping");
  const { startedAt, roundTripMs, ...facts } = found!;
  assertEquals(facts, {
    server: server.id,
    host: Deno.hostname(),
    version: PACKAGE_VERSION,
    protocol: 1,
    topic: "commands",
    group: "commands-servers",
    state: "serving",
    partitions: server.partitions,
  });
  const started = Date.parse(startedAt);
  assertEquals([started >= before && started <= Date.now(), roundTripMs > 0], [true, true]);
});

Deno.test("the version that a server says is that of the package", async () => {
  const config = await Deno.readTextFile(new URL("../../deno.json", import.meta.url));
  assertEquals(PACKAGE_VERSION, JSON.parse(config).version);
});

Deno.test("info has the commands, the limits and the content types of a server", async () => {
  await using fleet = new Fleet();
  await fleet.serve({ concurrency: 7, limits: { timeoutMs: 1_234 } });
  const { servers: [found] } = await ask(await fleet.connect(), "info");
  const { commands, concurrency, limits, codecs } = found!;
  assertEquals(commands, [{
    name: "add",
    kind: "call",
    timeoutMs: 1_234,
    queueMs: 30_000,
    requestBytes: 1_000_000,
    idempotent: false,
    priority: 0,
  }]);
  assertEquals([concurrency, limits["timeoutMs"]], [7, 1_234]);
  assertEquals(codecs, ["application/json", "application/octet-stream", "text/plain"]);
});

Deno.test("stats counts what a command did, and how long", async () => {
  await using fleet = new Fleet();
  const server = await fleet.serve();
  const client = await fleet.connect();
  for (let n = 0; n < 3; n++) await client.call("add", { a: n, b: 1 });
  const { servers: [found] } = await ask(client, "stats");
  const { counts, commands: [add] } = found!;
  assertEquals(counts, { ...server.counts });
  const { name, succeeded, failed, running, durations } = add!;
  assertEquals([name, succeeded, failed, running], ["add", 3, 0, 0]);
  const runs = durations.counts.reduce((sum, count) => sum + count);
  assertEquals([runs, durations.counts.length], [3, durations.boundsMs.length + 1]);
});

Deno.test("stats has the latest failure of a command, as its caller saw it", async () => {
  await using fleet = new Fleet();
  await fleet.serve({
    commands: {
      refuse: () => {
        throw new RpcError("out_of_range", `no more than ${"9".repeat(300)}`);
      },
    },
  });
  const client = await fleet.connect();
  const seen = await assertRejects(() => client.call("refuse"), RpcError);
  const { servers: [found] } = await ask(client, "stats");
  const { failed, lastError } = found!.commands[0]!;
  const { code, message } = lastError!;
  assertEquals([failed, code, message], [1, seen.code, seen.message.slice(0, 200)]);
});

Deno.test("stats hides what an interceptor hides of an error", async () => {
  await using fleet = new Fleet();
  await fleet.serve({
    commands: {
      leak: () => {
        throw new RpcError("internal", "the password is 1234");
      },
    },
    interceptors: [(next) => async (call) => {
      const outcome = await next(call);
      if (outcome.ok) return outcome;
      return { ok: false, failure: { code: "internal", name: "RpcError", message: "hidden" } };
    }],
  });
  const client = await fleet.connect();
  await assertRejects(() => client.call("leak"));
  const { servers: [found] } = await ask(client, "stats");
  assertEquals(found!.commands[0]!.lastError!.message, "hidden");
});

Deno.test("a command that is not there has no statistics", async () => {
  await using fleet = new Fleet();
  await fleet.serve();
  const client = await fleet.connect();
  await assertRejects(() => client.call("nothing"));
  const { servers: [found] } = await ask(client, "stats");
  const { counts, commands } = found!;
  assertEquals([counts["failed"], commands.map(({ name }) => name)], [1, ["add"]]);
});

Deno.test("a member that does not answer is missing at `timeoutMs`", async () => {
  using clock = new ManualClock();
  await using fleet = new Fleet();
  const { id } = await fleet.serve();
  const silent = await fleet.silent();
  const asking = (await fleet.connect()).servers({ timeoutMs: 1_500 });
  await clock.advance(1_500);
  const { servers, missing } = await asking;
  assertEquals([servers.map(({ server }) => server), missing], [[id], [silent.id]]);
});

Deno.test("no server at all is an empty list after `timeoutMs`", async () => {
  using clock = new ManualClock();
  await using fleet = new Fleet();
  const asking = (await fleet.connect()).servers({ timeoutMs: 1_000 });
  await clock.advance(1_000);
  assertEquals(await asking, { servers: [], refused: [], missing: [] });
});

Deno.test("servers() rejects with the reason of its signal", async () => {
  await using fleet = new Fleet();
  await fleet.silent();
  const client = await fleet.connect();
  const controller = new AbortController();
  const asking = client.servers({ timeoutMs: 60_000, signal: controller.signal });
  controller.abort(new Error("enough"));
  await assertRejects(() => asking, Error, "enough");
});

Deno.test("servers() rejects with canceled when the client closes", async () => {
  await using fleet = new Fleet();
  await fleet.silent();
  const client = await fleet.connect();
  const asking = assertRejects(() => ask(client, "ping"), RpcError, "the client was closed");
  await client.close();
  assertEquals((await asking).code, "canceled");
});

Deno.test("servers() of a closed client rejects", async () => {
  await using fleet = new Fleet();
  const client = await fleet.connect();
  await client.close();
  const { code } = await assertRejects(() => client.servers(), RpcError, "is closed");
  assertEquals(code, "failed_precondition");
});

Deno.test("servers() refuses a detail that there is not", async () => {
  await using fleet = new Fleet();
  const client = await fleet.connect();
  const detail = "status" as "stats";
  await assertRejects(() => client.servers({ detail }), RpcError, "`detail`");
});

Deno.test("servers() says why it can't ask where there is no control topic", async () => {
  await using fleet = new Fleet();
  const client = await fleet.connect({ cancellation: false });
  await assertRejects(() => client.servers(), RpcError, "`cancellation: false`");
});
