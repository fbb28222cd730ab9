// Until when a request may be started.
import { clock } from "../async/clock.ts";
import type { IncomingRecord } from "../wire/record.ts";
import type { Request } from "../wire/request.ts";

/**
 * A request without a deadline, such as a plain expression, is good for this long after it was
 * sent: the first server of a group begins with the oldest record that the topic still has.
 */
const DEFAULT_TTL_MS = 300_000;

/**
 * The deadline on this server's clock. A record that is stamped later than now comes from a clock
 * that is ahead, at least by the difference. One that is behind looks like one that waited: it may
 * count as expired too early, and the error names the clocks.
 */
export function deadlineHere(
  record: Pick<IncomingRecord, "timestamp" | "timestampType">,
  { deadline, oneWay }: Pick<Request, "deadline" | "oneWay">,
): number {
  const { timestamp, timestampType } = record;
  // Nobody waits for it: it is as good tomorrow.
  if (oneWay && deadline === undefined) return Infinity;
  const now = clock.wallTime();
  // Without a time of its own a record counts as new.
  const sent = timestamp > 0 ? timestamp : now;
  // The broker's clock says nothing of the caller's.
  const ahead = timestampType === "LogAppendTime" ? 0 : Math.max(0, sent - now);
  return (deadline ?? sent + DEFAULT_TTL_MS) - ahead;
}
