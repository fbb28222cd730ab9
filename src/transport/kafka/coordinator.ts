// Questions to the coordinator of a group.
import type { Bounds } from "../transport.ts";
import type { TransportParts } from "./cluster.ts";
import { judge } from "./errors.ts";
import { untilStarted } from "./start.ts";

/** A new cluster makes its first coordinator when it is asked, and needs a moment for that. */
const ANSWER_MS = 2_000;

/** Asks until there is an answer; a coordinator that is none any more is looked for anew. */
export function askCoordinator<T>(
  { cluster, closing }: TransportParts,
  asked: Bounds & { readonly group: string; readonly what: string },
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { group, what, signal, timeoutMs = ANSWER_MS } = asked;
  return untilStarted(async (signal) => {
    try {
      return await ask(signal);
    } catch (failure) {
      if (judge(failure, "running").refreshes !== undefined) cluster.forgetCoordinator(group);
      throw failure;
    }
  }, { what, timeoutMs, closing, signal });
}
