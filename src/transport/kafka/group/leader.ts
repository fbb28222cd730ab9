// What the leader of a group does for all of it.
import type { Logger } from "../../../logging/logger.ts";
import type { Cluster } from "../cluster.ts";
import type { Answers, Requests } from "../port.ts";
import { ASSIGNORS } from "./assignors.ts";
import { decodeSubscription, encodeAssignment } from "./consumer_protocol.ts";

interface LeaderOptions {
  readonly cluster: Cluster;
  /** The topic of this member: without its partitions nothing is shared out. */
  readonly topic: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

interface SharedOut {
  readonly assignments: Requests["SyncGroup"]["assignments"];
  /** How many partitions the topic of this member has. */
  readonly partitionCount: number;
}

/** Shares out the partitions of all topics that any member wants, by the assignor that all offer. */
export async function shareOut(
  joined: Answers["JoinGroup"],
  options: LeaderOptions,
): Promise<SharedOut> {
  const members = joined.members.map(({ memberId, metadata }) => ({
    memberId,
    topics: topicsOf(memberId, metadata, options.logger),
  }));
  const partitions = new Map<string, readonly number[]>();
  for (const topic of new Set(members.flatMap(({ topics }) => topics))) {
    const found = await partitionsOf(topic, options);
    if (found !== undefined) partitions.set(topic, found);
  }
  const assign = ASSIGNORS[joined.protocol];
  if (assign === undefined) {
    throw new Error(`the group chose ${joined.protocol}, which this member did not offer`);
  }
  const shares = assign(members, partitions);
  return {
    assignments: [...shares].map(([memberId, share]) => ({
      memberId,
      assignment: encodeAssignment(share),
    })),
    partitionCount: partitions.get(options.topic)?.length ?? 0,
  };
}

function topicsOf(memberId: string, metadata: Uint8Array, logger: Logger): readonly string[] {
  try {
    return decodeSubscription(metadata);
  } catch (error) {
    // A member that says nothing readable gets nothing; the others are not kept from their work.
    logger.warn("the subscription of a group member cannot be read", { memberId, error });
    return [];
  }
}

async function partitionsOf(
  topic: string,
  options: LeaderOptions,
): Promise<readonly number[] | undefined> {
  const { cluster, signal, logger } = options;
  try {
    const found = await cluster.topic(topic, { signal, fresh: true, purpose: "Fetch" });
    return found.partitions.map(({ partition }) => partition);
  } catch (error) {
    signal.throwIfAborted();
    if (topic === options.topic) throw error;
    logger.debug("a topic of another group member is not shared out", { topic, error });
    return undefined;
  }
}
