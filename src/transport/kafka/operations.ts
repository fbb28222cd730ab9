// Operations of ACLs, as brokers tell which of them a program may do.

/**
 * Bits in a set of operations; each is 1 shifted by the code of the operation.
 *
 * @see https://cwiki.apache.org/confluence/x/vRVvBg (KIP-430)
 */
const BITS = [
  ["Read", 3],
  ["Write", 4],
  ["Create", 5],
  ["Delete", 6],
  ["Alter", 7],
  ["Describe", 8],
  ["DescribeConfigs", 10],
  ["AlterConfigs", 11],
] as const;

export type Operation = typeof BITS[number][0];

/** What stands there where nothing was asked, or the broker does not say it. */
const UNKNOWN = -(2 ** 31);

export function operationsIn(bits: number | undefined): readonly Operation[] | undefined {
  if (bits === undefined || bits === UNKNOWN) return undefined;
  return BITS.filter(([, bit]) => (bits & 1 << bit) !== 0).map(([name]) => name);
}
