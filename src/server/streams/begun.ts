// What a request gets whose stream has begun before.
import { failedOutcome } from "../../wire/failure.ts";
import type { Outcome } from "../../wire/outcome.ts";
import type { Origin } from "../origin.ts";
import type { Entry } from "../reply_cache.ts";

const BEGUN: Outcome = failedOutcome(
  "aborted",
  "Cannot go on with the stream: it began before, and its server has ended or stopped it. What it " +
    "did is done. Begin a new one where that does no harm.",
);

/** An entry of the reply cache that keeps a stream from being run a second time; no frame is kept. */
export function begunStream(
  origin: Origin,
  { at, signedUntil }: Pick<Entry, "at" | "signedUntil">,
): Entry {
  return { origin, outcome: BEGUN, bytes: origin.name.length, at, signedUntil };
}
