/**
 * Refusing what no server would take.
 *
 * @module
 */
import { clock } from "../../async/clock.ts";
import { withDeadline } from "../../async/deadline.ts";
import type { CallHandler, Interceptor } from "../../pipeline/call.ts";
import { RpcError } from "../../wire/errors.ts";
import type { Outcome } from "../../wire/outcome.ts";
import { canceled, noServer, unasked } from "../call_errors.ts";
import { failed, type OutgoingCall } from "../outgoing_call.ts";
import type { ServerPresence } from "../server_presence.ts";

/**
 * Refuses a call where no server listens, unless it waits for one.
 *
 * @param presence Whether a server listens.
 * @param place Topic and group of the servers, for texts of errors.
 */
export function serverPresence(
  presence: Pick<ServerPresence, "live">,
  place: { readonly topic: string; readonly group: string },
): Interceptor<OutgoingCall> {
  const ask = async (
    call: OutgoingCall,
    live: Promise<boolean>,
    next: CallHandler<OutgoingCall>,
  ): Promise<Outcome> => {
    const { caller, deadline, timeoutMs } = call;
    const bounds = { signal: caller, timeoutMs: Math.max(1, deadline - clock.wallTime()) };
    try {
      const isThere = await withDeadline(live, bounds, () => unasked(call, timeoutMs));
      if (!isThere) return failed(noServer(call, place));
    } catch (error) {
      if (caller?.aborted) return failed(canceled(call));
      if (error instanceof RpcError) return failed(error);
      throw error;
    }
    return await next(call);
  };
  return (next) => (call) => {
    const live = call.waitForServer || presence.live();
    return live === true ? next(call) : ask(call, live, next);
  };
}
