import type { Interceptor } from "../../pipeline/call.ts";
import { failedOutcome } from "../../wire/failure.ts";
import type { AtEnd } from "../ending.ts";
import type { IncomingCall } from "../incoming_call.ts";
import type { OpenStreams } from "../streams/open_streams.ts";

/** Opens streams for the credits of their callers; without a control topic none would ever come. */
export function streams(
  open: OpenStreams,
  { hasControl }: { readonly hasControl: boolean },
): Interceptor<IncomingCall> {
  const end: AtEnd = ({ origin, stream }) => open.close(origin!, stream!);
  return (next) => (call) => {
    const { command, stream, origin, ending } = call;
    if (stream === undefined || origin === undefined) return next(call);
    if (!hasControl) {
      const text = `Cannot run "${command}" as a stream: this server reads no control topic, ` +
        "where its caller says how much it takes. Serve with `cancellation: true`.";
      return Promise.resolve(failedOutcome("failed_precondition", text));
    }
    open.open(origin, stream);
    ending.defer(end);
    return next(call);
  };
}
