// What an SDK needs for exemplars: records are made in the context of their span.
import { assertEquals } from "@std/assert";
import type { Interceptor } from "../../src/pipeline/call.ts";
import { clientTelemetry, serverTelemetry } from "../../src/telemetry/otel.ts";
import { callOf } from "../pipeline/call_of.ts";
import { recorded, SPAN } from "./noting_sdk.ts";

const SIDES: Readonly<Record<string, () => Interceptor>> = {
  client: clientTelemetry,
  server: serverTelemetry,
};

for (const [side, telemetry] of Object.entries(SIDES)) {
  Deno.test(`the record of a call on the ${side} is made in the context of its span`, async () => {
    recorded.length = 0;
    const call = callOf();
    await telemetry()(() => Promise.resolve({ ok: true, output: call.input }))(call);
    assertEquals(recorded, [SPAN.spanId]);
  });
}
