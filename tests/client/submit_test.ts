// Calls whose result is fetched later, over the transport in memory.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Client, connect } from "../../src/client/client.ts";
import type { CallHandle } from "../../src/client/handles.ts";
import type { ConnectOptions } from "../../src/client/options.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { serve } from "../../src/server/server.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { ManualClock } from "../manual_clock.ts";

/** A broker, and programs that come and go. */
class Stage implements AsyncDisposable {
  readonly broker = new MemoryBroker();
  readonly #opened = new AsyncDisposableStack();

  async connect(options: Omit<ConnectOptions, "transport"> = {}): Promise<Client> {
    const transport = this.broker.transport();
    return this.#opened.use(await connect({ ...options, transport }));
  }

  async serve(commands: ServeOptions["commands"] = { report: (n: number) => 2 * n }) {
    const transport = this.broker.transport();
    return this.#opened.use(await serve({ commands, transport, logger: silentLogger }));
  }

  /** Submits a call by a client that is gone after that; the handle has been JSON. */
  async submit(options = {}, command = "report"): Promise<CallHandle> {
    const client = await this.connect();
    const handle = await client.submit(command, 21, options);
    await client.close();
    return JSON.parse(JSON.stringify(handle));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

Deno.test("a handle names the request and where its reply will lie", async () => {
  using _clock = new ManualClock();
  await using stage = new Stage();
  const handle = await stage.submit({ ttlMs: 1_000 });
  const { id, digest, cluster, partition, resultsPartition, ...rest } = handle;
  assertEquals([typeof id, digest.length, cluster, partition! < 4, resultsPartition < 32], [
    "string",
    22,
    stage.broker.id,
    true,
    true,
  ]);
  assertEquals(rest, {
    version: 1,
    command: "report",
    topic: "commands",
    offset: 0,
    resultsTopic: "commands_results",
    resultsOffset: 0,
    deadline: 1_700_000_001_000,
  });
});

Deno.test("a submitted call has a day by default", async () => {
  using _clock = new ManualClock();
  await using stage = new Stage();
  assertEquals((await stage.submit()).deadline, 1_700_086_400_000);
});

Deno.test("result() finds a reply that came while nobody listened", async () => {
  await using stage = new Stage();
  const handle = await stage.submit();
  await stage.serve();
  const other = await stage.connect();
  await other.call("report", 1); // The server has come so far.
  const later = await stage.connect();
  assertEquals(await later.attach(handle).result(), 42);
});

Deno.test("result() waits for a reply that is still to come", async () => {
  await using stage = new Stage();
  const handle = await stage.submit();
  const client = await stage.connect();
  const waiting = client.attach(handle).result();
  await stage.serve();
  assertEquals(await waiting, 42);
});

Deno.test("result() may be asked for by the client that submitted, and again", async () => {
  await using stage = new Stage();
  await stage.serve();
  const client = await stage.connect();
  const call = client.attach(await client.submit("report", 21));
  assertEquals([await call.result(), await call.result()], [42, 42]);
});

Deno.test("many results that are asked for at once share one reading", async () => {
  await using stage = new Stage();
  await stage.serve();
  const client = await stage.connect();
  const inputs = Array.from({ length: 50 }, (_, n) => n);
  const handles = await Promise.all(inputs.map((n) => client.submit("report", n)));
  const results = await Promise.all(handles.map((handle) => client.attach(handle).result()));
  assertEquals(results, inputs.map((n) => 2 * n));
});

Deno.test("result() rejects with what the command failed with", async () => {
  await using stage = new Stage();
  const handle = await stage.submit();
  await stage.serve({
    report: () => {
      throw new RpcError("aborted", "no paper", { details: { tray: 2 } });
    },
  });
  const client = await stage.connect();
  const error = await assertRejects(() => client.attach(handle).result(), RpcError, "no paper");
  assertEquals([error.code, error.stage, error.details], ["aborted", "remote", { tray: 2 }]);
});

Deno.test("result() rejects where no reply comes within `timeoutMs`; the call goes on", async () => {
  using clock = new ManualClock();
  await using stage = new Stage();
  const client = await stage.connect();
  const call = client.attach(await stage.submit());
  const rejected = assertRejects(() => call.result({ timeoutMs: 1 }), RpcError);
  await clock.advance(1);
  const error = await rejected;
  assertEquals([error.code, error.stage], ["deadline_exceeded", "wait"]);
  await stage.serve();
  assertEquals(await call.result(), 42);
});

Deno.test("result() rejects soon after the deadline of the call", async () => {
  using clock = new ManualClock();
  await using stage = new Stage();
  const client = await stage.connect();
  const handle = await stage.submit({ ttlMs: 1_000 });
  const rejected = assertRejects(() => client.attach(handle).result(), RpcError);
  await clock.advance(6_001);
  const { code, message } = await rejected;
  assertEquals([code, message.includes("its deadline passed without a reply")], [
    "deadline_exceeded",
    true,
  ]);
});

Deno.test("result() rejects with the reason of its signal", async () => {
  await using stage = new Stage();
  const client = await stage.connect();
  const controller = new AbortController();
  const call = client.attach(await stage.submit());
  const waiting = call.result({ signal: controller.signal });
  controller.abort(new TypeError("stop"));
  await assertRejects(() => waiting, TypeError, "stop");
});

Deno.test("close() ends result() with canceled", async () => {
  await using stage = new Stage();
  const client = await stage.connect();
  const waiting = client.attach(await stage.submit()).result();
  const rejected = assertRejects(() => waiting, RpcError, "the client was closed");
  await client.close();
  assertEquals((await rejected).code, "canceled");
});

Deno.test("the state of a call that no server has answered is accepted", async () => {
  await using stage = new Stage();
  const client = await stage.connect();
  assertEquals(await client.attach(await stage.submit()).state(), "accepted");
});

Deno.test("the state of a call with a reply is done", async () => {
  await using stage = new Stage();
  const client = await stage.connect();
  await stage.serve();
  const call = client.attach(await stage.submit());
  await call.result();
  assertEquals(await call.state(), "done");
});

Deno.test("the state of a call past its deadline is expired", async () => {
  using clock = new ManualClock();
  await using stage = new Stage();
  const client = await stage.connect();
  const call = client.attach(await stage.submit({ ttlMs: 1_000 }));
  clock.jump(1_001);
  assertEquals(await call.state(), "expired");
});

Deno.test("the state of a call that was answered, without a reply, is unknown", async () => {
  await using stage = new Stage();
  const client = await stage.connect();
  const handle = await stage.submit();
  const group = stage.broker.group("commands-servers", "commands");
  group.committed.set(handle.partition!, BigInt(handle.offset!) + 1n);
  assertEquals(await client.attach(handle).state(), "unknown");
});

Deno.test("a call that is submitted again under its key runs once", async () => {
  await using stage = new Stage();
  let runs = 0;
  await stage.serve({ report: () => ++runs });
  const client = await stage.connect();
  const options = { idempotencyKey: "report-17" };
  const first = await stage.submit(options);
  const result = await client.attach(first).result();
  const again = await stage.submit(options);
  assertEquals([result, await client.attach(again).result(), runs], [1, 1, 1]);
});

Deno.test("a call that an interceptor answers can't be submitted", async () => {
  await using stage = new Stage();
  const output = { bytes: new Uint8Array(0), contentType: "application/json" };
  const client = await stage.connect({
    interceptors: [() => () => Promise.resolve({ ok: true, output })],
  });
  const { code } = await assertRejects(() => client.submit("report", 1), RpcError, "interceptor");
  assertEquals(code, "failed_precondition");
});

for (
  const [what, change, text] of [
    ["another version", { version: 2 }, "is of version 2, this client knows version 1"],
    ["another topic", { topic: "orders" }, "its topics are orders and commands_results"],
    ["another cluster", { cluster: "x" }, "it was made on the cluster x"],
  ] as const
) {
  Deno.test(`attach() refuses a handle of ${what}`, async () => {
    await using stage = new Stage();
    const client = await stage.connect();
    const handle = { ...await stage.submit(), ...change } as CallHandle;
    const { code } = assertThrows(() => client.attach(handle), RpcError, text);
    assertEquals(code, "failed_precondition");
  });
}

for (
  const [wrong, text] of [
    [undefined, "`handle`: it is missing, not an object"],
    [{ version: 1 }, "`handle.command`: it is missing"],
    ["{}", "it is a string, not an object"],
  ] as const
) {
  Deno.test(`attach() refuses ${JSON.stringify(wrong)}`, async () => {
    await using stage = new Stage();
    const client = await stage.connect();
    const attach = () => client.attach(wrong as unknown as CallHandle);
    const { code } = assertThrows(attach, RpcError, text);
    assertEquals(code, "invalid_argument");
  });
}
