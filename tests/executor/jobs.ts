/**
 * Jobs for executors, and their outcomes as a test looks at them.
 *
 * @module
 */
import type { Job } from "../../src/executor/executor.ts";
import { codecsWith } from "../../src/wire/codecs/codecs.ts";
import type { Outcome } from "../../src/wire/outcome.ts";

const codec = codecsWith();

/** A job for a command. */
export function job(command: string, input?: unknown, resultAs: Job["resultAs"] = "value"): Job {
  const context = { id: "id1", command, deadline: Date.now() + 60_000, attempt: 1, metadata: {} };
  return { input: codec.encode(input), context, resultAs };
}

/** The result of an outcome, or `code: message`. */
export function resultOf(outcome: Outcome): unknown {
  if (outcome.ok) return codec.decode(outcome.output);
  return `${outcome.failure.code}: ${outcome.failure.message}`;
}

/** A signal that never aborts. */
export const never: AbortSignal = new AbortController().signal;
