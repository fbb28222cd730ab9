// What an SDK needs for exemplars: records are made in the context of their span.
import { assertEquals } from "@std/assert";
import { type Context, createNoopMeter, metrics, trace, type Tracer } from "@opentelemetry/api";
import type { Interceptor } from "../../src/pipeline/call.ts";
import { clientTelemetry, serverTelemetry } from "../../src/telemetry/otel.ts";
import { callOf } from "../pipeline/call_of.ts";

const SPAN = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 };
const recorded: (string | undefined)[] = [];

/** An SDK that notes whose span is active where a histogram is written. */
const startSpan = () => trace.wrapSpanContext(SPAN);
const record = (_value: number, _attributes: unknown, inside?: Context) =>
  void recorded.push(inside && trace.getSpanContext(inside)?.spanId);
trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) as Partial<Tracer> as Tracer });
metrics.setGlobalMeterProvider({
  getMeter: () => Object.assign(createNoopMeter(), { createHistogram: () => ({ record }) }),
});

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
