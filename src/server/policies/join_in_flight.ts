import type { LogThrottle } from "../../logging/log_throttle.ts";
import type { Interceptor } from "../../pipeline/call.ts";
import { failedOutcome } from "../../wire/failure.ts";
import type { Outcome } from "../../wire/outcome.ts";
import type { ServerCounts } from "../counts.ts";
import { refuseConflict } from "../id_conflict.ts";
import type { AtEnd } from "../ending.ts";
import type { IncomingCall } from "../incoming_call.ts";
import { difference } from "../origin.ts";

interface InFlightCall {
  readonly call: IncomingCall;
  readonly outcome: Promise<Outcome>;
}

/** Frames go to one place, and say for which id they are. */
function streamConflict(first: IncomingCall, { stream, origin }: IncomingCall): string | undefined {
  const isStream = first.stream !== undefined;
  if (isStream !== (stream !== undefined)) return "another kind of reply";
  const isSame = first.origin?.callName === origin?.callName;
  return isStream && !isSame ? "another caller of its stream" : undefined;
}

/** Gives a request that is repeated while the first one runs the outcome of that one. */
export function joinInFlight(
  { counts, conflicts }: { readonly counts: ServerCounts; readonly conflicts: LogThrottle },
): Interceptor<IncomingCall> {
  const inFlightCalls = new Map<string, InFlightCall>();
  // Not at once: the reply cache in front must know the outcome before the call is gone here.
  const end: AtEnd = ({ origin }) => void inFlightCalls.delete(origin!.id);
  return (next) => (call) => {
    const { origin, ending } = call;
    if (origin === undefined) return next(call);
    const { id } = origin;
    const first = inFlightCalls.get(id);
    if (first === undefined) {
      const outcome = next(call);
      inFlightCalls.set(id, { call, outcome });
      ending.defer(end);
      return outcome;
    }
    const conflict = difference(first.call.origin!, origin) ?? streamConflict(first.call, call);
    if (conflict !== undefined) {
      return Promise.resolve(refuseConflict(call, conflict, conflicts));
    }
    ending.own = false;
    ending.repeats(counts);
    if (call.stream !== undefined) {
      // Its frames are on their way already, and go where they would.
      ending.fate = "unanswered";
      return Promise.resolve(failedOutcome("aborted", "Cannot run: its stream is open already."));
    }
    return first.outcome.then((outcome) => {
      if (first.call.ending.fate === "released") ending.fate = "released";
      return outcome;
    });
  };
}
