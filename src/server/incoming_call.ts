/**
 * A call as a server handles it.
 *
 * @module
 */
import type { Call } from "../pipeline/call.ts";
import type { IncomingRecord } from "../wire/record.ts";
import type { ReplyAddress } from "../wire/reply.ts";
import type { Origin } from "./origin.ts";
import type { TimeLimit } from "./time_limit.ts";

/** A request that came too late is answered this long, for callers whose clock is wrong. */
export const LATE_REPLY_MS = 60_000;

/** What others write to the topic must not flood the log: minimum interval between lines. */
export const WARN_INTERVAL_MS = 10_000;

/** Where a record lies, as log lines name it. */
export type RecordPlace = Pick<IncomingRecord, "topic" | "partition" | "offset">;

/** A call, and what the server keeps on it. Interceptors of users never see the latter. */
export interface IncomingCall extends Call {
  readonly place: RecordPlace;
  readonly replyTo: ReplyAddress;
  /** Undefined for the plain protocol: a person may use a key again, it neither repeats nor joins. */
  readonly origin: Origin | undefined;
  /** Whether the result is sent as a value, or as `String(result)`: the plain protocol. */
  readonly resultAs: "value" | "text";
  readonly ending: Ending;
  readonly timeLimit?: TimeLimit | undefined;
}

/** What becomes of the record of a call, whatever an interceptor makes of the outcome. */
export class Ending {
  /**
   * Unanswered: the record is finished without a reply. Released: its partition goes to another
   * server, the record must come again.
   */
  fate: "answered" | "unanswered" | "released" = "answered";
  /** Unix milliseconds until which the reply is sent again, where that is not the deadline. */
  replyUntil: number | undefined;
  /** Whether a policy has counted it; otherwise its outcome is. */
  counted = false;
  /** Whether the outcome is of this request, and not of one under the same id. */
  own = true;
  /** Runs what a policy leaves until all of them have settled. */
  onSettled: (() => void) | undefined;
}
