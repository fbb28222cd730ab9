// What the tests of policies send through them.
import { Deadlines } from "../../../src/async/deadlines.ts";
import type { CallHandler } from "../../../src/pipeline/call.ts";
import { Ending } from "../../../src/server/ending.ts";
import type { IncomingCall } from "../../../src/server/incoming_call.ts";
import { originOf } from "../../../src/server/origin.ts";
import { LogThrottle } from "../../../src/logging/log_throttle.ts";
import type { Outcome } from "../../../src/wire/outcome.ts";
import { callOf, outcomeOf } from "../../pipeline/call_of.ts";
import { policiesOf } from "./policies_of.ts";
import { RecordingLogger } from "../../recording_logger.ts";

/** A call of the client protocol that has ten minutes, but for what is given. */
export function incomingCallOf(parts: Partial<IncomingCall> = {}): IncomingCall {
  const { id = "1", command = "add", ending = new Ending(new Deadlines()) } = parts;
  const replyTo = { topic: "commands_results", partition: 0, key: null, id };
  return {
    ...callOf({ deadline: Date.now() + 600_000, signal: ending.signal }),
    policy: policiesOf().of(command),
    place: { topic: "commands", partition: 0, offset: 7n },
    replyTo,
    origin: originOf({ id, digest: "d".repeat(22) }, replyTo),
    resultAs: "value",
    ending,
    ...parts,
  };
}

/** What the handler at the end gives. */
export const RAN: Outcome = outcomeOf("ran");

/** The end of a pipeline: counts the calls that come through. */
export function endOf(outcome: () => Promise<Outcome> = () => Promise.resolve(RAN)) {
  const seen: IncomingCall[] = [];
  const handler: CallHandler<IncomingCall> = (call) => {
    seen.push(call);
    return outcome();
  };
  return { seen, handler };
}

/** Sends a call through, and settles it as a server does. */
export async function settled(
  handle: CallHandler<IncomingCall>,
  call: IncomingCall,
): Promise<Outcome> {
  const outcome = await handle(call);
  call.ending.settle(call, outcome);
  return outcome;
}

/** A throttle, and what it lets through. */
export function throttled() {
  const logger = new RecordingLogger();
  return { logger, throttle: new LogThrottle(logger, { intervalMs: 0 }) };
}

/** The code of a failure; "ok" where it is none. */
export const codeOf = (outcome: Outcome): string => outcome.ok ? "ok" : outcome.failure.code;
