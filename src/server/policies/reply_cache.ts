import type { LogThrottle } from "../../logging/log_throttle.ts";
import { clock } from "../../async/clock.ts";
import type { Interceptor } from "../../pipeline/call.ts";
import type { ServerCounts } from "../counts.ts";
import { refuseConflict, refuseCopy } from "../id_conflict.ts";
import type { AtEnd } from "../ending.ts";
import type { IncomingCall } from "../incoming_call.ts";
import type { ReplyCache } from "../reply_cache.ts";
import { begunStream } from "../streams/begun.ts";

/** Answers a repeated request with its first reply. */
export function replyCache(
  cache: ReplyCache,
  { counts, conflicts }: { readonly counts: ServerCounts; readonly conflicts: LogThrottle },
): Interceptor<IncomingCall> {
  const remember: AtEnd = ({ origin, ending, signedUntil, stream }, outcome) => {
    if (outcome === undefined) return;
    if (stream?.hasBegun) {
      return cache.keep(begunStream(origin!, { at: clock.wallTime(), signedUntil }));
    }
    const ended = ending.own && ending.fate === "answered" && !ending.isCanceled;
    if (ended) cache.remember(origin!, outcome, signedUntil);
  };
  return (next) => (call) => {
    const { origin, ending, signedUntil } = call;
    if (origin === undefined) return next(call);
    const earlier = cache.recall(origin);
    if (earlier?.conflict !== undefined) {
      return Promise.resolve(refuseConflict(call, earlier.conflict, conflicts));
    }
    if (earlier !== undefined) {
      ending.repeats(counts);
      return Promise.resolve(earlier.outcome);
    }
    const forgotten = signedUntil === undefined ? undefined : cache.forgot(origin, signedUntil);
    if (forgotten !== undefined) return Promise.resolve(refuseCopy(call, forgotten));
    ending.defer(remember);
    return next(call);
  };
}
