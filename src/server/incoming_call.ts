// A call as a server handles it.
import type { Call } from "../pipeline/call.ts";
import type { IncomingRecord } from "../wire/record.ts";
import type { ReplyAddress } from "../wire/reply.ts";
import type { CommandCounts } from "./command_statistics.ts";
import type { ResolvedPolicy } from "./command_policies.ts";
import type { Ending } from "./ending.ts";
import type { Origin } from "./origin.ts";
import type { OutgoingStream } from "./streams/outgoing_stream.ts";

/** A request that came too late is answered this long, for callers whose clock is wrong. */
export const LATE_REPLY_MS = 60_000;

/** What others write to the topic must not flood the log: minimum interval between lines. */
export const WARN_INTERVAL_MS = 10_000;

/** Where a record lies, as the log of the cluster and the lines of this server's log name it. */
export type LogPlace = Pick<IncomingRecord, "topic" | "partition" | "offset">;

export function placeOf({ topic, partition, offset }: IncomingRecord): LogPlace {
  return { topic, partition, offset };
}

/** A call, and what the server keeps on it. Interceptors of users never see the latter. */
export interface IncomingCall extends Call {
  /** As in {@linkcode Call}; the nearer one of its command from when that begins. */
  deadline: number;
  readonly place: LogPlace;
  /** How its command is to be run. */
  readonly policy: ResolvedPolicy;
  readonly replyTo: ReplyAddress;
  /** Undefined for the plain protocol: a person may use a key again, it neither repeats nor joins. */
  readonly origin: Origin | undefined;
  /** Unix milliseconds, as they were signed, after which no copy is taken; undefined: not signed. */
  readonly signedUntil?: number | undefined;
  /** Whether the result is sent as a value, or as `String(result)`: the plain protocol. */
  readonly resultAs: "value" | "text";
  readonly ending: Ending;
  /** Of a one-way call: what is kept among the dead letters where it fails. */
  readonly record?: IncomingRecord | undefined;
  /** What is counted of its command; undefined where the server does not offer it. */
  readonly statistics?: CommandCounts | undefined;
  /** Where its values go; undefined where its caller takes one reply. */
  readonly stream?: OutgoingStream | undefined;
}
