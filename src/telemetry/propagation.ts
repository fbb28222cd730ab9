// The context of a span in the headers of a request.
import { type Context, context, propagation } from "@opentelemetry/api";
import type { Call } from "../pipeline/call.ts";
import { metadataRules } from "../wire/metadata.ts";

/**
 * A copy of a call that carries the context: the trace context in its headers, whatever else the
 * propagator writes, such as `baggage`, as metadata. The call itself where it writes nothing.
 */
export function handOver<C extends Call>(call: C, carried: Context): C {
  const fields: Record<string, string> = {};
  propagation.inject(carried, fields);
  const { traceparent, tracestate, ...others } = fields;
  const added = Object.entries(others).filter(([name]) =>
    metadataRules.nameProblem(name) === undefined
  );
  const metadata = added.length === 0
    ? call.metadata
    : { ...call.metadata, ...Object.fromEntries(added) };
  // Without a propagator the caller's own trace context goes on as it is.
  if (traceparent === undefined) return metadata === call.metadata ? call : { ...call, metadata };
  return { ...call, metadata, trace: { traceparent, tracestate } };
}

/** The context that a call carries, within the one that is active. */
export function takeOver({ metadata, trace }: Call): Context {
  const fields: Record<string, string> = { ...metadata };
  if (trace !== undefined) {
    fields["traceparent"] = trace.traceparent;
    if (trace.tracestate !== undefined) fields["tracestate"] = trace.tracestate;
  }
  return propagation.extract(context.active(), fields);
}
