/**
 * @module
 */
import { clock } from "../../async/clock.ts";
import type { Interceptor } from "../../pipeline/call.ts";
import { failedOutcome } from "../../wire/failure.ts";
import type { ServerCounts } from "../counts.ts";
import { type IncomingCall, outcomeOfAbort } from "../incoming_call.ts";
import type { Scheduler } from "../scheduler.ts";

export interface AdmissionOptions {
  readonly counts: ServerCounts;
  readonly limits: { readonly queueMs: number; readonly timeoutMs: number };
}

/** Starts a command when a slot is free, before its deadline, and where the partition is certain. */
export function admission(
  scheduler: Scheduler,
  { counts, limits: { queueMs, timeoutMs } }: AdmissionOptions,
): Interceptor<IncomingCall> {
  return (next) => async (call) => {
    const { command, deadline, signal, ending } = call;
    ending.pause();
    counts.waiting++;
    const reserved = scheduler.reserve(call);
    const slot = typeof reserved === "string" ? reserved : await reserved;
    counts.waiting--;
    const left = Math.min(deadline - clock.wallTime(), timeoutMs);
    ending.limit(left, command);
    if (slot === "go" && left > 0) {
      const start = clock.now();
      counts.running++;
      try {
        return await next({ ...call, deadline: clock.wallTime() + left });
      } finally {
        counts.running--;
        scheduler.release(command, clock.now() - start);
      }
    }
    if (slot === "go") {
      scheduler.release(command);
      counts.expired++;
      const text = `Cannot run "${command}": its deadline passed while it waited for its turn.`;
      return failedOutcome("deadline_exceeded", text);
    }
    if (slot === "aborted") return outcomeOfAbort(signal);
    if (slot === "evicted") {
      ending.fate = "released";
      const text = `Cannot run "${command}": its partition goes to another server.`;
      return failedOutcome("unavailable", text);
    }
    counts.shed++;
    return failedOutcome(
      "resource_exhausted",
      `Cannot run "${command}": this server is too busy to start it before its deadline ` +
        `or within the ${queueMs} ms of \`limits.queueMs\`. Try again later, or ` +
        "add servers and partitions.",
    );
  };
}
