// Times of runs, in groups: put together, taken apart, and their quantiles.
import type { Durations } from "../../wire/discovery.ts";
import type { Quantile } from "./text.ts";

/** What came since an earlier look; all of it where the groups are others. */
export function since(now: Durations, before: Durations | undefined): Durations {
  if (before === undefined || !isAlike(now, before)) return now;
  const counts = now.counts.map((count, at) => count - before.counts[at]!);
  // A counter that went back began anew.
  if (counts.some((count) => count < 0)) return now;
  return { boundsMs: now.boundsMs, counts, sumMs: now.sumMs - before.sumMs };
}

function isAlike(one: Durations, other: Durations): boolean {
  return one.counts.length === other.counts.length &&
    one.boundsMs.every((bound, at) => bound === other.boundsMs[at]);
}

/**
 * The time that a share of all runs did not exceed, 0 to 1; between the bounds of its group, as if
 * runs were spread evenly there. Undefined where nothing ran.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
 */
export function quantile(share: number, all: readonly Durations[]): Quantile | undefined {
  const groups = groupsOf(all);
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  let left = share * total;
  for (const { from, to, count } of groups) {
    if (left > count) left -= count;
    else if (to === Infinity) return { ms: from, isOver: true };
    else return { ms: from + (to - from) * left / count, isOver: false };
  }
  return undefined;
}

interface Group {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Those with any runs, from short to long; the same group of several servers is one. */
function groupsOf(all: readonly Durations[]): Group[] {
  const groups = all.flatMap(({ boundsMs, counts }) =>
    counts.map((count, at) => ({
      from: boundsMs[at - 1] ?? 0,
      to: boundsMs[at] ?? Infinity,
      count,
    }))
  ).filter(({ count }) => count > 0);
  return [...Map.groupBy(groups, ({ from, to }) => `${from} ${to}`).values()]
    .map((alike) => {
      return { ...alike[0]!, count: alike.reduce((sum, { count }) => sum + count, 0) };
    })
    .sort((one, other) => one.to - other.to);
}
