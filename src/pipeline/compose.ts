// Pipelines out of interceptors.
import type { Call, CallHandler, Interceptor } from "./call.ts";

/**
 * Puts interceptors before a handler.
 *
 * @param handler What stands at the end.
 * @param interceptors The first one is the outermost: it sees the call first and its outcome last.
 * @returns The handler of the whole pipeline.
 */
export function compose<C extends Call>(
  handler: CallHandler<C>,
  interceptors: readonly Interceptor<C>[],
): CallHandler<C> {
  return interceptors.reduceRight((next, interceptor) => interceptor(next), handler);
}
