// Pipelines out of interceptors.
import type { Call, CallHandler, Interceptor } from "./call.ts";

/** The first interceptor is the outermost: it sees the call first and its outcome last. */
export function compose<C extends Call>(
  handler: CallHandler<C>,
  interceptors: readonly Interceptor<C>[],
): CallHandler<C> {
  return interceptors.reduceRight((next, interceptor) => interceptor(next), handler);
}
