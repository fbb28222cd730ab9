// How a command is named in what is measured.
import type { Call } from "../pipeline/call.ts";
import type { IncomingCall } from "../server/incoming_call.ts";
import type { Outcome } from "../wire/outcome.ts";

/** What a server knows of the command of a call. */
type Offered = Pick<IncomingCall, "statistics">;

/** The name of any command that a server does not have: each would be a series of its own. */
export const OTHER = "_OTHER";

/** The code of an outcome; `ok` of a success. */
export function codeOf(outcome: Outcome): string {
  return outcome.ok ? "ok" : outcome.failure.code;
}

/**
 * Whether there is no such command. A server knows what it offers, whatever an interceptor behind the
 * one that measures answers; a client learns it by the suggestions of a server.
 */
export function isUnknownCommand(call: Call | Offered, outcome: Outcome): boolean {
  if ("statistics" in call) return call.statistics === undefined;
  if (outcome.ok || outcome.failure.code !== "not_found") return false;
  const { suggestions } = Object(outcome.failure.details) as { suggestions?: unknown };
  return Array.isArray(suggestions);
}

/**
 * Upper bounds of histograms of call durations, in seconds. Those that the conventions prescribe
 * begin at 5 ms: a call over an idle broker would lie below all of them.
 */
export const DURATION_BOUNDS: readonly number[] = [
  0.0005,
  0.001,
  0.002,
  0.003,
  0.005,
  0.01,
  0.025,
  0.05,
  0.075,
  0.1,
  0.25,
  0.5,
  0.75,
  1,
  2.5,
  5,
  7.5,
  10,
];
