// Refusing what no server would take.
import { withDeadline } from "../../async/deadline.ts";
import type { CallHandler, Interceptor } from "../../pipeline/call.ts";
import type { Outcome } from "../../wire/outcome.ts";
import { failedBy, noServer, unasked } from "../call_errors.ts";
import { failed, msLeft, type OutgoingCall } from "../outgoing_call.ts";
import type { ServerPresence } from "../server_presence.ts";

/** Refuses a call where no server listens, unless it waits for one; `place` is for error texts. */
export function serverPresence(
  presence: Pick<ServerPresence, "live">,
  place: { readonly topic: string; readonly group: string },
): Interceptor<OutgoingCall> {
  const ask = async (
    call: OutgoingCall,
    live: Promise<boolean>,
    next: CallHandler<OutgoingCall>,
  ): Promise<Outcome> => {
    const bounds = { signal: call.caller, timeoutMs: msLeft(call) };
    try {
      const isThere = await withDeadline(live, bounds, () => unasked(call, call.timeoutMs));
      if (!isThere) return failed(noServer(call, place));
    } catch (error) {
      return failedBy(error, call);
    }
    return await next(call);
  };
  return (next) => (call) => {
    const live = call.waitForServer || presence.live();
    return live === true ? next(call) : ask(call, live, next);
  };
}
