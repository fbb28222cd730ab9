// Rights on a topic, as Metadata has them.
import type { TopicRight } from "../transport.ts";

/** Bits of operations in a set of rights. */
const RIGHTS = [["Read", 1 << 3], ["Write", 1 << 4]] as const;
/** What stands there where nothing was asked. */
const NOT_ASKED = -(2 ** 31);

/** @see https://cwiki.apache.org/confluence/x/vRVvBg (KIP-430) */
export function rightsIn(bits: number): { readonly rights?: TopicRight[] } {
  if (bits === NOT_ASKED) return {};
  return { rights: RIGHTS.filter(([, bit]) => (bits & bit) !== 0).map(([right]) => right) };
}
