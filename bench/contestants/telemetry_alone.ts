/**
 * What OpenTelemetry itself takes for a call, without this package and without Kafka: the same two
 * spans, handed over in a header, and the same two records of histograms.
 *
 * @module
 */
import { context, metrics, propagation, SpanKind, trace } from "@opentelemetry/api";
import { DURATION_BOUNDS } from "../../src/telemetry/method.ts";
import type { Contestant } from "./contestant.ts";

const CALL = { "rpc.system.name": "kafka-rpc", "rpc.method": "commands/add" };
const ENDED = { "rpc.status_code": "ok" };
const nothing = { [Symbol.asyncDispose]: () => Promise.resolve() };

/** One tick of the event loop for all that wait, as a batch of records is one. */
let tick: Promise<void> | undefined;
function nextTick(): Promise<void> {
  return tick ??= new Promise((resolve) => {
    setTimeout(() => {
      tick = undefined;
      resolve();
    }, 0);
  });
}

/** Nobody answers: a call is both sides of its own telemetry. */
export const telemetryAlone: Contestant = {
  serve: () => Promise.resolve(nothing),
  connect: () => {
    const [tracer, meter] = [trace.getTracer("bench"), metrics.getMeter("bench")];
    const advice = { explicitBucketBoundaries: [...DURATION_BOUNDS] };
    const [client, server] = ["client", "server"].map((side) =>
      meter.createHistogram(`rpc.${side}.call.duration`, { unit: "s", advice })
    );
    const begin = (kind: SpanKind, outside = context.active()) => {
      const attributes = { ...CALL, "messaging.message.conversation_id": crypto.randomUUID() };
      const span = tracer.startSpan("commands/add", { kind, attributes }, outside);
      const inside = trace.setSpan(outside, span);
      const start = performance.now();
      const end = (duration = client) => {
        span.setAttributes(ENDED);
        span.end();
        duration!.record((performance.now() - start) / 1_000, { ...CALL, ...ENDED }, inside);
      };
      return { inside, end };
    };
    const call = async () => {
      const calling = begin(SpanKind.CLIENT);
      const headers = {};
      propagation.inject(calling.inside, headers);
      await nextTick();
      const answering = begin(SpanKind.SERVER, propagation.extract(context.active(), headers));
      await nextTick();
      answering.end(server);
      calling.end();
    };
    return Promise.resolve({ call, ...nothing });
  },
};
