/**
 * OpenTelemetry for both sides: spans, the two histograms of the RPC conventions, and the trace
 * context in the headers of requests. `npm:@opentelemetry/api` is loaded here alone.
 *
 * @example
 * ```ts
 * import { connect, serve } from "@kafka-rpc/deno";
 * import { clientTelemetry, serverTelemetry } from "@kafka-rpc/deno/otel";
 *
 * export const client = () => connect({ interceptors: [clientTelemetry()] });
 * export const server = () =>
 *   serve({
 *     commands: new URL("./commands.ts", import.meta.url),
 *     interceptors: [serverTelemetry()],
 *   });
 * ```
 *
 * @see https://github.com/open-telemetry/semantic-conventions/blob/v1.45.0/docs/rpc/README.md
 *
 * @module
 */
import {
  type Attributes,
  type Context,
  context,
  type Histogram,
  metrics,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { text } from "../options/check.ts";
import { shape } from "../options/shape.ts";
import type { Call, Interceptor } from "../pipeline/call.ts";
import { withoutGuard } from "../pipeline/guard.ts";
import type { RpcCode } from "../wire/errors.ts";
import type { Outcome } from "../wire/outcome.ts";
import { codeOf, DURATION_BOUNDS, isUnknownCommand, OTHER } from "./method.ts";
import { handOver, takeOver } from "./propagation.ts";

/** Options of telemetry. */
export interface TelemetryOptions {
  /**
   * What stands before the command in `rpc.method` and in the names of spans, as in `commands/add`.
   * Default: `commands`, the name of the default topic.
   */
  readonly service?: string | undefined;
}

const telemetryOptions = shape<TelemetryOptions>({ service: text }, {
  owner: "telemetry",
  example: '{ service: "billing" }',
});

// The interceptors are no async functions: those of calls that wait by the thousand would keep half
// a kilobyte each.

/** Failures that are the server's own: the others are mistakes of the caller, no errors of a span. */
const SERVER_ERRORS: ReadonlySet<string> = new Set<RpcCode>([
  "unknown",
  "deadline_exceeded",
  "unimplemented",
  "internal",
  "unavailable",
  "data_loss",
]);

/**
 * Makes the interceptor of a client: one CLIENT span a call, over all of its attempts, a record in
 * the histogram `rpc.client.call.duration`, and the context of the span in the request.
 *
 * @param options The name of the service.
 * @returns An interceptor for `interceptors` of a client.
 * @throws {RpcError} `invalid_argument` for an option that can't be right.
 *
 * @example
 * ```ts
 * import { connect } from "@kafka-rpc/deno";
 * import { clientTelemetry } from "@kafka-rpc/deno/otel";
 *
 * export const open = () => connect({ interceptors: [clientTelemetry({ service: "billing" })] });
 * ```
 */
export function clientTelemetry(options: TelemetryOptions = {}): Interceptor {
  const { tracer, duration, service } = instruments(options, "client");
  return withoutGuard((next) => (call) => {
    const attributes = attributesOf(call, service);
    const kind = SpanKind.CLIENT;
    const span = tracer.startSpan(attributes["rpc.method"], { kind, attributes });
    const inside = trace.setSpan(context.active(), span);
    const start = performance.now();
    return context.with(inside, () => next(handOver(call, inside))).then((outcome) => {
      const isError = !outcome.ok;
      end({ span, inside, duration, outcome, isError, method: attributes["rpc.method"] }, start);
      return outcome;
    });
  });
}

/**
 * Makes the interceptor of a server: one SERVER span a call that comes to the command, a child of
 * the caller's, and a record in the histogram `rpc.server.call.duration`. The command's
 * `context.trace` is that span: what the command begins can be its child, in a sandbox too.
 *
 * @param options The name of the service.
 * @returns An interceptor for `interceptors` of a server.
 * @throws {RpcError} `invalid_argument` for an option that can't be right.
 *
 * @example
 * ```ts
 * import { serve } from "@kafka-rpc/deno";
 * import { serverTelemetry } from "@kafka-rpc/deno/otel";
 *
 * const commands = { ping: () => "pong" };
 * export const open = () => serve({ commands, interceptors: [serverTelemetry()] });
 * ```
 */
export function serverTelemetry(options: TelemetryOptions = {}): Interceptor {
  const { tracer, duration, service } = instruments(options, "server");
  return withoutGuard((next) => (call) => {
    const attributes = attributesOf(call, service);
    const kind = SpanKind.SERVER;
    const outside = takeOver(call);
    const span = tracer.startSpan(attributes["rpc.method"], { kind, attributes }, outside);
    const inside = trace.setSpan(outside, span);
    const start = performance.now();
    return context.with(inside, () => next(handOver(call, inside))).then((outcome) => {
      let method = attributes["rpc.method"];
      if (isUnknownCommand(call, outcome)) {
        span.updateName(OTHER);
        span.setAttributes({ "rpc.method": OTHER, "rpc.method_original": method });
        method = OTHER;
      }
      const isError = SERVER_ERRORS.has(codeOf(outcome));
      end({ span, inside, duration, outcome, isError, method }, start);
      return outcome;
    });
  });
}

interface Instruments {
  readonly tracer: Tracer;
  readonly duration: Histogram;
  readonly service: string;
}

function instruments(options: TelemetryOptions, side: "client" | "server"): Instruments {
  const { service = "commands" } = telemetryOptions(options, "");
  const meter = metrics.getMeter("@kafka-rpc/deno");
  return {
    service,
    tracer: trace.getTracer("@kafka-rpc/deno"),
    duration: meter.createHistogram(`rpc.${side}.call.duration`, {
      unit: "s",
      description: side === "client"
        ? "Duration of an outgoing call, all attempts included."
        : "Duration of an incoming call, the wait for a slot included.",
      advice: { explicitBucketBoundaries: [...DURATION_BOUNDS] },
    }),
  };
}

function attributesOf({ id, command }: Call, service: string) {
  return {
    "rpc.system.name": "kafka-rpc",
    "rpc.method": `${service}/${command}`,
    "messaging.message.conversation_id": id,
  } satisfies Attributes;
}

interface End {
  readonly span: Span;
  readonly inside: Context;
  readonly duration: Histogram;
  readonly outcome: Outcome;
  readonly isError: boolean;
  readonly method: string;
}

function end({ span, inside, duration, outcome, isError, method }: End, start: number): void {
  const code = codeOf(outcome);
  const status: Attributes = { "rpc.status_code": code };
  if (isError) status["error.type"] = code;
  span.setAttributes(status);
  if (isError && !outcome.ok) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.failure.message });
  }
  span.end();
  const attributes = { "rpc.system.name": "kafka-rpc", "rpc.method": method, ...status };
  // In the context of the span, for exemplars.
  duration.record((performance.now() - start) / 1_000, attributes, inside);
}
