// Records that were passed, because they can't be read.
import type { PassedRecords } from "./transport.ts";

/** How many they were, as far as that is known; at least one. */
export function passedCount({ fromOffset, lastOffset = fromOffset }: PassedRecords): number {
  return Number(lastOffset - fromOffset) + 1;
}
