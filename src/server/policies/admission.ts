import { clock } from "../../async/clock.ts";
import type { CallHandler, Interceptor } from "../../pipeline/call.ts";
import type { Outcome } from "../../wire/outcome.ts";
import type { ServerCounts } from "../counts.ts";
import { type IncomingCall, outcomeOfAbort, outcomeOfError } from "../incoming_call.ts";
import { handedOver, tooBusy, tooLate } from "../refusals.ts";
import type { Scheduler } from "../scheduler.ts";
import type { SlotResult } from "../slots.ts";

/** Starts a command when a slot is free, before its deadline, and where the partition is certain. */
export function admission(
  scheduler: Scheduler,
  counts: ServerCounts,
): Interceptor<IncomingCall> {
  const run = async (call: IncomingCall, next: CallHandler<IncomingCall>): Promise<Outcome> => {
    const start = clock.now();
    counts.running++;
    try {
      return await next(call);
    } finally {
      counts.running--;
      call.ending.times?.pauses();
      if (call.ending.isShed) counts.shed++;
      scheduler.release(call, clock.now() - start);
    }
  };
  /** Why a call is not run. */
  const refuse = (call: IncomingCall, slot: SlotResult): Outcome => {
    const { command, signal, ending, policy } = call;
    if (slot === "go") {
      scheduler.release(call);
      counts.expired++;
      return outcomeOfError(tooLate(command));
    }
    if (slot === "aborted") return outcomeOfAbort(signal);
    if (slot === "evicted") {
      ending.fate = "released";
      return outcomeOfError(handedOver(command));
    }
    counts.shed++;
    return outcomeOfError(tooBusy(command, policy.queueMs));
  };
  return (next) => (call) => {
    const { command, deadline, ending, policy: { queueMs, timeoutMs } } = call;
    // A one-way call that was shed would be lost: no caller sends it again.
    const startBy = call.oneWay ? deadline : Math.min(deadline, clock.wallTime() + queueMs);
    const begin = (slot: SlotResult) => {
      counts.waiting--;
      const left = ending.allow({ command, deadline, timeoutMs, startBy, queueMs });
      return slot === "go" && left > 0
        ? run({ ...call, deadline: clock.wallTime() + left }, next)
        : Promise.resolve(refuse(call, slot));
    };
    ending.pause();
    counts.waiting++;
    // Its partition may have gone while an interceptor held it.
    const reserved = ending.isEvicted ? "evicted" : scheduler.reserve(call);
    return typeof reserved === "string" ? begin(reserved) : reserved.then(begin);
  };
}
