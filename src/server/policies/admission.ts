import { clock } from "../../async/clock.ts";
import type { CallHandler, Interceptor } from "../../pipeline/call.ts";
import type { Outcome } from "../../wire/outcome.ts";
import type { ServerCounts } from "../counts.ts";
import { outcomeOfAbort, outcomeOfError } from "../ending.ts";
import type { IncomingCall } from "../incoming_call.ts";
import { handedOver, tooBusy, tooLate } from "../refusals.ts";
import type { Scheduler } from "../scheduler.ts";
import type { SlotResult } from "../slots.ts";

/** Starts a command when a slot is free, before its deadline, and where the partition is certain. */
export function admission(
  scheduler: Scheduler,
  counts: ServerCounts,
): Interceptor<IncomingCall> {
  const ended = (call: IncomingCall, start: number) => {
    counts.running--;
    call.ending.times?.pauses();
    if (call.ending.isShed) counts.shed++;
    scheduler.release(call, clock.now() - start);
  };
  const run = (call: IncomingCall, next: CallHandler<IncomingCall>): Promise<Outcome> => {
    const start = clock.now();
    counts.running++;
    // No async function: it would keep half a kilobyte, of thousands of calls.
    return Promise.try(next, call).then((outcome) => {
      ended(call, start);
      return outcome;
    }, (error) => {
      ended(call, start);
      throw error;
    });
  };
  /** Why a call is not run. */
  const refuse = (call: IncomingCall, slot: SlotResult): Outcome => {
    const { command, ending, policy } = call;
    if (slot === "go") {
      scheduler.release(call);
      counts.expired++;
      return outcomeOfError(tooLate(command));
    }
    if (slot === "aborted") return outcomeOfAbort(ending.signal);
    if (slot === "evicted") {
      ending.fate = "released";
      return outcomeOfError(handedOver(command));
    }
    counts.shed++;
    return outcomeOfError(tooBusy(command, policy.queueMs));
  };
  const begin = (
    call: IncomingCall,
    { slot, startBy, next }: {
      readonly slot: SlotResult;
      readonly startBy: number;
      readonly next: CallHandler<IncomingCall>;
    },
  ): Promise<Outcome> => {
    const { ending, deadline } = call;
    counts.waiting--;
    const left = ending.allow(call, startBy);
    if (slot !== "go" || left <= 0) return Promise.resolve(refuse(call, slot));
    // The command sees the nearer deadline; its reply is sent until that of its caller.
    ending.replyUntil ??= deadline;
    call.deadline = clock.wallTime() + left;
    return run(call, next);
  };
  return (next) => (call) => {
    const { deadline, ending, policy: { queueMs } } = call;
    // A one-way call that was shed would be lost: no caller sends it again.
    const startBy = call.oneWay ? deadline : Math.min(deadline, clock.wallTime() + queueMs);
    ending.pause();
    counts.waiting++;
    // Its partition may have gone while an interceptor held it.
    if (ending.isEvicted) return begin(call, { slot: "evicted", startBy, next });
    let begun: Promise<Outcome> | undefined;
    let resolve: ((outcome: Promise<Outcome>) => void) | undefined;
    scheduler.reserve(call, (slot) => {
      begun = begin(call, { slot, startBy, next });
      resolve?.(begun);
    });
    // No promise where it need not wait.
    return begun ?? new Promise((settle) => resolve = settle);
  };
}
