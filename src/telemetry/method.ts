// How a command is named in what is measured.
import type { Outcome } from "../wire/outcome.ts";

/** The name of any command that a server does not have: each would be a series of its own. */
export const OTHER = "_OTHER";

/** The code of an outcome; `ok` of a success. */
export function codeOf(outcome: Outcome): string {
  return outcome.ok ? "ok" : outcome.failure.code;
}

/** Whether a server refused a call for want of such a command: only then it suggests others. */
export function isUnknownCommand(outcome: Outcome): boolean {
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
