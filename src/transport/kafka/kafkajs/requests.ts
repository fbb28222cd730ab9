/**
 * Encodes requests, and says in which versions.
 *
 * @see https://kafka.apache.org/protocol#protocol_messages
 * @module
 */
import { Buffer } from "node:buffer";
import { encodeBatch } from "../batches/encode.ts";
import type { Api, Requests, TopicPartition } from "../port.ts";
import { encodeBy, newEncoder } from "./private.ts";

/** A request: its number, the versions that are known of it, and how it is encoded. */
export interface RequestKind<A extends Api> {
  /** @see https://kafka.apache.org/protocol#protocol_api_keys */
  readonly key: number;
  /** Lowest and highest version. */
  readonly versions: readonly [lowest: number, highest: number];
  /** Encodes what follows the header. */
  encode(request: Requests[A], version: number): Promise<Uint8Array>;
}

/** Uncommitted records of transactions are read as well, and are before the log's end. */
const READ_UNCOMMITTED = 0;
const ALL_REPLICAS = -1;
const NO_TRANSACTION = null;

/**
 * Every request. Highest: what the library has, or what is encoded here. Lowest: Kafka 0.11, where
 * record batches began.
 */
export const REQUESTS: { readonly [A in Api]: RequestKind<A> } = {
  Produce: {
    key: 0,
    versions: [3, 7],
    encode({ timeoutMs, partitions }) {
      const topics = byTopic(partitions, ({ partition, records, timestamp }) => {
        const batch = asBuffer(encodeBatch(records, timestamp));
        return newEncoder().writeInt32(partition).writeBytes(batch);
      }).map(({ topic, partitions }) => newEncoder().writeString(topic).writeArray(partitions));
      const encoder = newEncoder().writeString(NO_TRANSACTION).writeInt16(ALL_REPLICAS);
      return Promise.resolve(encoder.writeInt32(timeoutMs).writeArray(topics).buffer);
    },
  },
  Fetch: {
    key: 1,
    versions: [4, 11],
    encode({ maxWaitMs, minBytes, maxBytes, partitions }, version) {
      const topics = byTopic(partitions, ({ partition, offset, maxBytes }) => {
        return { partition, fetchOffset: offset, maxBytes };
      });
      const isolationLevel = READ_UNCOMMITTED;
      const fields = { maxWaitTime: maxWaitMs, minBytes, maxBytes, isolationLevel, topics };
      return encodeBy("Fetch", version, fields);
    },
  },
  ListOffsets: {
    key: 2,
    versions: [1, 3],
    encode({ partitions }, version) {
      const topics = byTopic(partitions, ({ partition, timestamp }) => ({ partition, timestamp }));
      return encodeBy("ListOffsets", version, { isolationLevel: READ_UNCOMMITTED, topics });
    },
  },
  Metadata: {
    key: 3,
    // From 4 on it can be asked for without creating topics.
    versions: [4, 8],
    encode({ topics, rights = false }, version) {
      // Not by the library's definition: an empty list becomes null there, which means all topics.
      const encoder = newEncoder().writeArray(topics).writeBoolean(false);
      // The rights on the cluster are of no interest.
      if (version >= 8) encoder.writeBoolean(false).writeBoolean(rights);
      return Promise.resolve(encoder.buffer);
    },
  },
  OffsetCommit: {
    key: 8,
    versions: [2, 5],
    encode({ group, generation, memberId, partitions }, version) {
      const topics = byTopic(partitions, ({ partition, offset }) => ({ partition, offset }));
      const fields = { groupId: group, groupGenerationId: generation, memberId, topics };
      return encodeBy("OffsetCommit", version, fields);
    },
  },
  OffsetFetch: {
    key: 9,
    versions: [1, 4],
    encode({ group, partitions }) {
      // Not by the library's definition: an empty list becomes null there, which means all topics.
      const topics = byTopic(partitions, ({ partition }) => newEncoder().writeInt32(partition))
        .map(({ topic, partitions }) => newEncoder().writeString(topic).writeArray(partitions));
      return Promise.resolve(newEncoder().writeString(group).writeArray(topics).buffer);
    },
  },
  FindCoordinator: {
    key: 10,
    versions: [1, 2],
    encode: ({ group }, version) => encodeBy("GroupCoordinator", version, { groupId: group }),
  },
  JoinGroup: {
    key: 11,
    versions: [1, 5],
    encode(request, version) {
      const fields = {
        groupId: request.group,
        sessionTimeout: request.sessionTimeoutMs,
        rebalanceTimeout: request.rebalanceTimeoutMs,
        memberId: request.memberId,
        protocolType: "consumer",
        groupProtocols: request.protocols.map(({ name, metadata }) => {
          return { name, metadata: asBuffer(metadata) };
        }),
      };
      return encodeBy("JoinGroup", version, fields);
    },
  },
  Heartbeat: {
    key: 12,
    versions: [0, 3],
    encode({ group, generation, memberId }, version) {
      const fields = { groupId: group, groupGenerationId: generation, memberId };
      return encodeBy("Heartbeat", version, fields);
    },
  },
  LeaveGroup: {
    key: 13,
    versions: [0, 3],
    encode: ({ group, memberId }, version) =>
      encodeBy("LeaveGroup", version, { groupId: group, memberId }),
  },
  SyncGroup: {
    key: 14,
    versions: [0, 3],
    encode({ group, generation, memberId, assignments }, version) {
      const groupAssignment = assignments.map(({ memberId, assignment }) => {
        return { memberId, memberAssignment: asBuffer(assignment) };
      });
      const fields = { groupId: group, generationId: generation, memberId, groupAssignment };
      return encodeBy("SyncGroup", version, fields);
    },
  },
  DescribeGroups: {
    key: 15,
    versions: [0, 2],
    encode: ({ groups }, version) => encodeBy("DescribeGroups", version, { groupIds: groups }),
  },
  CreateTopics: {
    key: 19,
    versions: [2, 3],
    encode({ timeoutMs, topics }, version) {
      const named = topics.map(({ topic, partitions, replicationFactor }) => {
        return { topic, numPartitions: partitions, replicationFactor };
      });
      return encodeBy("CreateTopics", version, { timeout: timeoutMs, topics: named });
    },
  },
  ConsumerGroupDescribe: {
    key: 69,
    versions: [0, 1],
    encode({ groups }) {
      // The first byte belongs to the header: that of flexible versions ends with its tags.
      const encoder = newEncoder().writeInt8(0).writeUVarInt(groups.length + 1);
      for (const group of groups) encoder.writeUVarIntString(group);
      // Without authorized operations, without tags.
      return Promise.resolve(encoder.writeBoolean(false).writeInt8(0).buffer);
    },
  },
};

/** Groups a flat list by topic, in the order of their first partitions. */
function byTopic<P extends TopicPartition, T>(
  partitions: readonly P[],
  item: (partition: P) => T,
): { readonly topic: string; readonly partitions: T[] }[] {
  const topics = new Map<string, T[]>();
  for (const partition of partitions) {
    const items = topics.get(partition.topic) ?? [];
    if (items.length === 0) topics.set(partition.topic, items);
    items.push(item(partition));
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}

/** A view, not a copy: the library wants a Buffer and only reads it. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}
