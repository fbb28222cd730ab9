// The endpoint of Prometheus, the probes and spans, of a client and a server on a real broker.
import { assertEquals, assertMatch } from "@std/assert";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Call } from "../../src/pipeline/call.ts";
import { health, Metrics, ready } from "../../src/telemetry/metrics.ts";
import { clientTelemetry, serverTelemetry } from "../../src/telemetry/otel.ts";
import type { Outcome } from "../../src/wire/outcome.ts";
import { recorded, SPAN } from "../telemetry/noting_sdk.ts";
import { CLIENT, runTraced, SERVER, spanOf } from "../telemetry/traced.ts";
import { Place } from "./place.ts";

Deno.test("an operator sees calls over a real broker", async (t) => {
  await using place = new Place();
  const metrics = new Metrics();
  const module = new URL("./fixtures/dated.ts", import.meta.url);
  const server = await place.serve({ commands: module, interceptors: [metrics.server] });
  const client = await place.connect({ interceptors: [metrics.client] });
  metrics.watch(server);
  metrics.watch(client);
  const probes = [health(server, client), ready(server, client)];
  await using http = Deno.serve({ port: 0, onListen: () => {} }, metrics.respond.bind(metrics));
  await client.call("echo", 1);
  const text = await (await fetch(`http://127.0.0.1:${http.addr.port}/metrics`)).text();

  for (const side of ["client", "server"]) {
    await t.step(`the call is in the histogram of the ${side}`, () => {
      const name = `kafka_rpc_${side}_call_duration_seconds_count`;
      assertMatch(text, new RegExp(`^${name}\\{command="echo",code="ok"\\} 1$`, "m"));
    });
  }

  await t.step("the counts of the server are there", () => {
    assertMatch(text, /^kafka_rpc_server_succeeded_total 1$/m);
  });

  await t.step("both sides are live and ready", () => {
    assertEquals(probes.map((probe) => probe().status), [200, 200]);
  });

  await t.step("a closed server is neither", async () => {
    await server.close();
    assertEquals(probes.map((probe) => probe().status), [503, 503]);
  });
});

Deno.test("a collector gets what calls over a real broker export", async (t) => {
  const exported = await runTraced(`test-${crypto.randomUUID()}`);

  await t.step("the trace of a call goes on in the server and its sandbox", () => {
    const client = spanOf(exported, CLIENT, "commands/look");
    const server = spanOf(exported, SERVER, "commands/look");
    const { traceparent } = exported.seen;
    assertEquals([server?.traceId, server?.parentSpanId, traceparent], [
      client?.traceId,
      client?.spanId,
      `00-${server?.traceId}-${server?.spanId}-01`,
    ]);
  });

  await t.step("the call is in the histogram of each side", () => {
    const counts = ["client", "server"].map((side) =>
      exported.points.find(({ metric, attributes }) =>
        metric === `rpc.${side}.call.duration` && attributes["rpc.status_code"] === "ok"
      )?.count
    );
    assertEquals(counts, [1, 1]);
  });

  await t.step("no variable of OpenTelemetry reaches the sandbox", () => {
    assertEquals(exported.seen.names, []);
  });
});

Deno.test("a subscriber of the diagnostics channels sees a call over a real broker", async () => {
  await using place = new Place();
  await place.serve({ commands: { ping: () => "pong" } });
  const client = await place.connect();
  const seen: string[] = [];
  const note = (message: unknown, name: string | symbol) => {
    const { call, result } = message as { call: Call; result: Outcome };
    seen.push(`${String(name)} ${call.command} ${result.ok}`);
  };
  const names = ["server", "client"].map((side) => `tracing:kafka-rpc.${side}.call:asyncEnd`);
  for (const name of names) subscribe(name, note);
  await client.call("ping");
  for (const name of names) unsubscribe(name, note);
  assertEquals(seen, names.map((name) => `${name} ping true`));
});

Deno.test("records of both sides are made in the context of the call's span, for exemplars", async () => {
  await using place = new Place();
  await place.serve({ commands: { ping: () => "pong" }, interceptors: [serverTelemetry()] });
  const client = await place.connect({ interceptors: [clientTelemetry()] });
  await client.call("ping");
  assertEquals(recorded, [SPAN.spanId, SPAN.spanId]);
});
