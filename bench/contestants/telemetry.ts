/**
 * Interceptors that measure each call.
 *
 * @module
 */
import type { Interceptor } from "@kafka-rpc/deno";
import { Metrics } from "@kafka-rpc/deno/metrics";
import { clientTelemetry, serverTelemetry } from "@kafka-rpc/deno/otel";
import type { Telemetry } from "./contestants.ts";

/** Makes those of both sides. */
export const measuring: Readonly<
  Record<Telemetry, () => { readonly client: Interceptor; readonly server: Interceptor }>
> = {
  metrics: () => new Metrics(),
  OpenTelemetry: () => ({ client: clientTelemetry(), server: serverTelemetry() }),
};
