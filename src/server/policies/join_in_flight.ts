import type { LogThrottle } from "../../logging/log_throttle.ts";
import type { Interceptor } from "../../pipeline/call.ts";
import { failedOutcome } from "../../wire/failure.ts";
import type { Outcome } from "../../wire/outcome.ts";
import type { ServerCounts } from "../counts.ts";
import { refuseConflict } from "../id_conflict.ts";
import type { Ending, IncomingCall } from "../incoming_call.ts";
import { difference, type Origin } from "../origin.ts";

interface InFlightCall {
  readonly origin: Origin;
  readonly ending: Ending;
  readonly isStream: boolean;
  readonly outcome: Promise<Outcome>;
}

/** Frames go to one place, and say for which id they are. */
function streamConflict(first: InFlightCall, { stream, origin }: IncomingCall): string | undefined {
  if (first.isStream !== (stream !== undefined)) return "another kind of reply";
  const isSame = first.origin.callName === origin?.callName;
  return first.isStream && !isSame ? "another caller of its stream" : undefined;
}

/** Gives a request that is repeated while the first one runs the outcome of that one. */
export function joinInFlight(
  { counts, conflicts }: { readonly counts: ServerCounts; readonly conflicts: LogThrottle },
): Interceptor<IncomingCall> {
  const inFlightCalls = new Map<string, InFlightCall>();
  return (next) => (call) => {
    const { origin, ending } = call;
    if (origin === undefined) return next(call);
    const { id } = origin;
    const first = inFlightCalls.get(id);
    const isStream = call.stream !== undefined;
    if (first === undefined) {
      const outcome = next(call);
      inFlightCalls.set(id, { origin, ending, isStream, outcome });
      // Not at once: the reply cache in front must know the outcome before the call is gone here.
      ending.defer(() => inFlightCalls.delete(id));
      return outcome;
    }
    const conflict = difference(first.origin, origin) ?? streamConflict(first, call);
    if (conflict !== undefined) {
      return Promise.resolve(refuseConflict(call, conflict, conflicts));
    }
    ending.own = false;
    ending.repeats(counts);
    if (isStream) {
      // Its frames are on their way already, and go where they would.
      ending.fate = "unanswered";
      return Promise.resolve(failedOutcome("aborted", "Cannot run: its stream is open already."));
    }
    return first.outcome.then((outcome) => {
      if (first.ending.fate === "released") ending.fate = "released";
      return outcome;
    });
  };
}
