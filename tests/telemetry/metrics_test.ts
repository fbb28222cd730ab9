import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Registry } from "prom-client";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { openSides } from "./sides.ts";

const GET = new Request("http://127.0.0.1/metrics");
const textOf = async (metrics: Metrics) => await (await metrics.respond(GET)).text();

/** The value of a series, without the order of its labels. */
function valueOf(text: string, name: string, labels: Record<string, string> = {}): number {
  for (const line of text.split("\n")) {
    const [, found, inside = "", value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const all = Object.entries(labels).every(([key, text]) => inside.includes(`${key}="${text}"`));
    if (found === name && all) return Number(value);
  }
  return NaN;
}

/** What both sides measured after some calls. */
async function after(...commands: string[]): Promise<string> {
  const metrics = new Metrics();
  await using sides = await openSides(metrics);
  using _server = metrics.watch(sides.server);
  using _client = metrics.watch(sides.client);
  for (const command of commands) {
    await sides.client.call(command, { a: 1, b: 2 }).catch(() => {});
  }
  return await textOf(metrics);
}

for (const side of ["client", "server"]) {
  const count = `kafka_rpc_${side}_call_duration_seconds_count`;
  Deno.test(`the ${side}'s histogram has a record for each call that came back`, async () => {
    const text = await after("add", "add");
    assertEquals(valueOf(text, count, { command: "add", code: "ok" }), 2);
  });

  Deno.test(`the ${side}'s histogram has the code of a failure`, async () => {
    const text = await after("fail");
    assertEquals(valueOf(text, count, { command: "fail", code: "out_of_range" }), 1);
  });

  Deno.test(`commands that no server has are one series of the ${side}`, async () => {
    const text = await after("ad", "subtract");
    assertEquals(valueOf(text, count, { command: "_OTHER", code: "not_found" }), 2);
  });
}

Deno.test("commands that no server has are one series, whatever an interceptor answers", async () => {
  const metrics = new Metrics();
  const refuse = () => () => {
    throw new RpcError("permission_denied", "Cannot call it: nobody may. Ask for the right.");
  };
  await using sides = await openSides({ server: metrics.server, behind: refuse });
  for (const name of ["one", "two"]) await sides.client.call(name).catch(() => {});
  const labels = { command: "_OTHER", code: "permission_denied" };
  const count = "kafka_rpc_server_call_duration_seconds_count";
  assertEquals(valueOf(await textOf(metrics), count, labels), 2);
});

Deno.test("a command that suggests others when it finds nothing is its own series", async () => {
  const metrics = new Metrics();
  const suggest = () => () => {
    const details = { suggestions: ["another"] };
    throw new RpcError("not_found", "Cannot find it: it is not there. Ask for another.", {
      details,
    });
  };
  await using sides = await openSides({ server: metrics.server, behind: suggest });
  await sides.client.call("add").catch(() => {});
  const labels = { command: "add", code: "not_found" };
  const count = "kafka_rpc_server_call_duration_seconds_count";
  assertEquals(valueOf(await textOf(metrics), count, labels), 1);
});

Deno.test("what a server has counted is there", async () => {
  assertEquals(valueOf(await after("add", "add"), "kafka_rpc_server_succeeded_total"), 2);
});

Deno.test("what a client has counted is there", async () => {
  assertEquals(valueOf(await after("add", "add"), "kafka_rpc_client_calls_total"), 2);
});

Deno.test("what goes up and down is a gauge", async () => {
  assertStringIncludes(await after(), "# TYPE kafka_rpc_server_running gauge");
});

Deno.test("counts are read when they are asked for, and do not add up", async () => {
  const metrics = new Metrics();
  await using sides = await openSides();
  using _ = metrics.watch(sides.server);
  await sides.client.call("add", { a: 1, b: 2 });
  await textOf(metrics);
  assertEquals(valueOf(await textOf(metrics), "kafka_rpc_server_received_total"), 1);
});

Deno.test("a side that is not watched any more is left out", async () => {
  const metrics = new Metrics();
  await using sides = await openSides();
  {
    using _ = metrics.watch(sides.client);
  }
  assertEquals(valueOf(await textOf(metrics), "kafka_rpc_clients_connected"), 0);
});

Deno.test("the partitions of a server are counted", async () => {
  assert(valueOf(await after(), "kafka_rpc_server_partitions") > 0);
});

Deno.test("metrics go into a registry of the program's own", async () => {
  const registry = new Registry();
  new Metrics({ registry });
  assertStringIncludes(await registry.metrics(), "kafka_rpc_client_calls_total 0");
});

Deno.test("the answer says which format it has", async () => {
  const { headers } = await new Metrics().respond(GET);
  assertEquals(headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
});

Deno.test("metrics are not written", async () => {
  const { status } = await new Metrics().respond(new Request(GET.url, { method: "POST" }));
  assertEquals(status, 405);
});

Deno.test("an option of metrics that is not there is refused with the one that was meant", () => {
  const wrong = { registr: new Registry() } as object;
  const error = assertThrows(() => new Metrics(wrong), RpcError);
  assertStringIncludes(error.message, "Did you mean `registry`?");
});

Deno.test("HEAD says how long the metrics are, without them", async () => {
  const metrics = new Metrics();
  const { length } = new TextEncoder().encode(await textOf(metrics));
  const head = await metrics.respond(new Request(GET.url, { method: "HEAD" }));
  assertEquals([head.headers.get("content-length"), await head.text()], [String(length), ""]);
});
