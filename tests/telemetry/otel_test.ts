// What a program exports: one run of it, and a sentence of each thing that the collector saw.
import { assertEquals, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { clientTelemetry } from "../../src/telemetry/otel.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { CLIENT, type Exported, runTraced, SERVER, spanOf } from "./traced.ts";

let exported: Promise<Exported> | undefined;
/** A test of the one run that all of them look at. */
function exports(sentence: string, look: (exported: Exported) => void): void {
  Deno.test(sentence, async () => look(await (exported ??= runTraced())));
}

exports("a call is a CLIENT span below the span that is active", (exported) => {
  const client = spanOf(exported, CLIENT, "commands/look");
  assertEquals(client?.parentSpanId, spanOf(exported, 1, "outer")?.spanId);
});

exports("the call on the server is a SERVER span below the caller's", (exported) => {
  const client = spanOf(exported, CLIENT, "commands/look");
  const server = spanOf(exported, SERVER, "commands/look");
  assertEquals([server?.traceId, server?.parentSpanId], [client?.traceId, client?.spanId]);
});

exports("a sandboxed command gets the SERVER span as its trace context", (exported) => {
  const server = spanOf(exported, SERVER, "commands/look");
  assertEquals(exported.seen.traceparent, `00-${server?.traceId}-${server?.spanId}-01`);
});

exports(
  "no variable of OpenTelemetry reaches a sandbox, even where all are granted",
  (exported) => {
    assertEquals(exported.seen.names, []);
  },
);

exports("spans have the attributes of the RPC conventions", (exported) => {
  const { "messaging.message.conversation_id": id, ...attributes } =
    spanOf(exported, CLIENT, "commands/look")!.attributes;
  assertNotEquals(id, undefined);
  assertEquals(attributes, {
    "rpc.system.name": "kafka-rpc",
    "rpc.method": "commands/look",
    "rpc.status_code": "ok",
  });
});

exports("a span of a call that failed has its code as the type of the error", (exported) => {
  const client = spanOf(exported, CLIENT, "commands/lok")!;
  assertEquals([client.status.code, client.attributes["error.type"]], [2, "not_found"]);
});

exports(
  "a command that a server does not have is _OTHER there, its name an attribute",
  (exported) => {
    const { attributes } = spanOf(exported, SERVER, "_OTHER")!;
    assertEquals([attributes["rpc.method"], attributes["rpc.method_original"]], [
      "_OTHER",
      "commands/lok",
    ]);
  },
);

exports("what only the caller did wrong is no error of the server's span", (exported) => {
  // 0 is UNSET, 2 is ERROR.
  assertEquals(spanOf(exported, SERVER, "_OTHER")!.status.code, 0);
});

for (const side of ["client", "server"]) {
  exports(`rpc.${side}.call.duration has a record in seconds, with finer bounds`, (exported) => {
    const point = exported.points.find(({ metric, attributes }) =>
      metric === `rpc.${side}.call.duration` && attributes["rpc.status_code"] === "ok"
    );
    assertEquals([point?.count, point?.unit, point?.bounds[0]], [1, "s", 0.0005]);
  });
}

exports("histograms have no attribute that is another one in each call", (exported) => {
  const names = exported.points.filter(({ metric }) => metric.startsWith("rpc."))
    .flatMap(({ attributes }) => Object.keys(attributes));
  assertEquals(names.includes("messaging.message.conversation_id"), false);
});

Deno.test("an option of telemetry that is not there is refused with the one that was meant", () => {
  const error = assertThrows(() => clientTelemetry({ sevice: "a" } as object), RpcError);
  assertStringIncludes(error.message, "Did you mean `service`?");
});
