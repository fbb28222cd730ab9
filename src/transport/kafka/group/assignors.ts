// How the leader of a group shares out the partitions.

export interface Subscriber {
  readonly memberId: string;
  readonly topics: readonly string[];
}

/** Partitions by member and topic; every member is in it. */
export type Shares = ReadonlyMap<string, Map<string, number[]>>;

type Partitions = ReadonlyMap<string, readonly number[]>;
type Assignor = (members: readonly Subscriber[], partitions: Partitions) => Shares;

/**
 * The names under which members offer it, and what each does. The order is the order of
 * preference: the first is the one that earlier versions of this package have, so that an update
 * can go through a group member by member; the others are those that Java's and librdkafka's
 * consumers offer by default.
 */
export const ASSIGNORS: Readonly<Record<string, Assignor>> = {
  RoundRobinAssigner: roundRobin,
  roundrobin: roundRobin,
  range,
};

/** All partitions of all topics in turn to those members that want them. */
function roundRobin(members: readonly Subscriber[], partitions: Partitions): Shares {
  const shares = noShares(members);
  const sorted = inOrder(members);
  let turn = 0;
  for (const topic of [...partitions.keys()].sort()) {
    if (!sorted.some(({ topics }) => topics.includes(topic))) continue;
    for (const partition of partitions.get(topic)!) {
      while (!sorted[turn % sorted.length]!.topics.includes(topic)) turn++;
      give(shares, sorted[turn++ % sorted.length]!.memberId, topic, [partition]);
    }
  }
  return shares;
}

/** Of each topic a range of partitions to each member that wants it. */
function range(members: readonly Subscriber[], partitions: Partitions): Shares {
  const shares = noShares(members);
  for (const [topic, all] of partitions) {
    const takers = inOrder(members).filter(({ topics }) => topics.includes(topic));
    takers.forEach(({ memberId }, index) => {
      const from = Math.ceil(index * all.length / takers.length);
      const to = Math.ceil((index + 1) * all.length / takers.length);
      give(shares, memberId, topic, all.slice(from, to));
    });
  }
  return shares;
}

function noShares(members: readonly Subscriber[]): Shares {
  return new Map(members.map(({ memberId }) => [memberId, new Map<string, number[]>()]));
}

function inOrder(members: readonly Subscriber[]): Subscriber[] {
  return [...members].sort((a, b) => a.memberId < b.memberId ? -1 : 1);
}

function give(shares: Shares, memberId: string, topic: string, partitions: readonly number[]) {
  if (partitions.length === 0) return;
  const topics = shares.get(memberId)!;
  const had = topics.get(topic) ?? [];
  topics.set(topic, [...had, ...partitions]);
}
