import { clock } from "../../async/clock.ts";
import type { CallHandler, Interceptor } from "../../pipeline/call.ts";
import type { Outcome } from "../../wire/outcome.ts";
import type { CommandPolicies } from "../command_policies.ts";
import type { ServerCounts } from "../counts.ts";
import { type IncomingCall, outcomeOfAbort, outcomeOfError } from "../incoming_call.ts";
import { handedOver, tooBusy, tooLate } from "../refusals.ts";
import type { Scheduler } from "../scheduler.ts";
import type { SlotResult } from "../slots.ts";

export interface AdmissionOptions {
  readonly counts: ServerCounts;
  readonly policies: CommandPolicies;
}

/** Starts a command when a slot is free, before its deadline, and where the partition is certain. */
export function admission(
  scheduler: Scheduler,
  { counts, policies }: AdmissionOptions,
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
      scheduler.release(call.command, clock.now() - start);
    }
  };
  /** Why a call is not run. */
  const refuse = ({ command, signal, ending }: IncomingCall, slot: SlotResult): Outcome => {
    if (slot === "go") {
      scheduler.release(command);
      counts.expired++;
      return outcomeOfError(tooLate(command));
    }
    if (slot === "aborted") return outcomeOfAbort(signal);
    if (slot === "evicted") {
      ending.fate = "released";
      return outcomeOfError(handedOver(command));
    }
    counts.shed++;
    return outcomeOfError(tooBusy(command, policies.of(command).queueMs));
  };
  return (next) => (call) => {
    const { command, deadline, ending } = call;
    const { queueMs, timeoutMs } = policies.of(command);
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
    const reserved = scheduler.reserve(call);
    return typeof reserved === "string" ? begin(reserved) : reserved.then(begin);
  };
}
