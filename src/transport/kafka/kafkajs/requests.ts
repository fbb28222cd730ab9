// Encodes requests, and says in which versions.
// See https://kafka.apache.org/protocol#protocol_messages
import { asBuffer } from "../as_buffer.ts";
import { ByteWriter } from "../byte_writer.ts";
import { byTopic } from "../by_topic.ts";
import type { RequestEncoder } from "../library.ts";
import { type Api, type GroupGeneration, READ_UNCOMMITTED } from "../port.ts";
import { encodeProduce } from "../produce_request.ts";
import { encodeBy } from "./private.ts";

/** Encodes by the library's definition, from the fields as that calls them. */
function by<Request>(
  name: string,
  fields: (request: Request) => Record<string, unknown>,
): (request: Request, version: number) => Promise<Uint8Array> {
  return (request, version) => encodeBy(name, version, fields(request));
}

/**
 * Every request. Highest: what the library has, or what is encoded here. Lowest: Kafka 0.11, where
 * record batches began.
 */
export const REQUESTS: { readonly [A in Api]: RequestEncoder<A> } = {
  Produce: {
    key: 0,
    versions: [3, 7],
    encode: encodeProduce,
  },
  Fetch: {
    key: 1,
    versions: [4, 11],
    encode: by("Fetch", ({ maxWaitMs, minBytes, maxBytes, partitions }) => {
      const topics = byTopic(partitions, ({ partition, offset, maxBytes }) => {
        return { partition, fetchOffset: offset, maxBytes };
      });
      const isolationLevel = READ_UNCOMMITTED;
      return { maxWaitTime: maxWaitMs, minBytes, maxBytes, isolationLevel, topics };
    }),
  },
  ListOffsets: {
    key: 2,
    versions: [1, 3],
    encode: by("ListOffsets", ({ partitions }) => {
      const topics = byTopic(partitions, ({ partition, timestamp }) => ({ partition, timestamp }));
      return { isolationLevel: READ_UNCOMMITTED, topics };
    }),
  },
  Metadata: {
    key: 3,
    // From 4 on it can be asked for without creating topics.
    versions: [4, 8],
    encode({ topics, rights = false }, version) {
      // Not by the library's definition: an empty list becomes null there, which means all topics.
      const writer = new ByteWriter();
      writer.array(topics, (topic) => writer.string(topic)).boolean(false);
      // The rights on the cluster are of no interest.
      if (version >= 8) writer.boolean(false).boolean(rights);
      return writer.written;
    },
  },
  OffsetCommit: {
    key: 8,
    versions: [2, 5],
    encode: by("OffsetCommit", ({ partitions, ...member }) => {
      const topics = byTopic(partitions, ({ partition, offset }) => ({ partition, offset }));
      return { ...generationFields(member), topics };
    }),
  },
  OffsetFetch: {
    key: 9,
    versions: [1, 4],
    encode({ group, partitions }) {
      // Not by the library's definition: an empty list becomes null there, which means all topics.
      const writer = new ByteWriter().string(group);
      writer.array(byTopic(partitions, ({ partition }) => partition), ({ topic, partitions }) => {
        writer.string(topic).array(partitions, (partition) => writer.int32(partition));
      });
      return writer.written;
    },
  },
  FindCoordinator: {
    key: 10,
    versions: [1, 2],
    encode: by("GroupCoordinator", ({ group }) => ({ groupId: group })),
  },
  JoinGroup: {
    key: 11,
    versions: [1, 5],
    encode: by("JoinGroup", (request) => ({
      groupId: request.group,
      sessionTimeout: request.sessionTimeoutMs,
      rebalanceTimeout: request.rebalanceTimeoutMs,
      memberId: request.memberId,
      protocolType: "consumer",
      groupProtocols: request.protocols.map(({ name, metadata }) => {
        return { name, metadata: asBuffer(metadata) };
      }),
    })),
  },
  Heartbeat: { key: 12, versions: [0, 3], encode: by("Heartbeat", generationFields) },
  LeaveGroup: {
    key: 13,
    versions: [0, 3],
    encode: by("LeaveGroup", ({ group, memberId }) => ({ groupId: group, memberId })),
  },
  SyncGroup: {
    key: 14,
    versions: [0, 3],
    encode: by("SyncGroup", ({ group, generation, memberId, assignments }) => {
      const groupAssignment = assignments.map(({ memberId, assignment }) => {
        return { memberId, memberAssignment: asBuffer(assignment) };
      });
      return { groupId: group, generationId: generation, memberId, groupAssignment };
    }),
  },
  DescribeGroups: {
    key: 15,
    versions: [0, 2],
    encode: by("DescribeGroups", ({ groups }) => ({ groupIds: groups })),
  },
  CreateTopics: {
    key: 19,
    versions: [2, 3],
    encode: by("CreateTopics", ({ timeoutMs, topics }) => {
      const named = topics.map(({ topic, partitions, replicationFactor }) => {
        return { topic, numPartitions: partitions, replicationFactor };
      });
      return { timeout: timeoutMs, topics: named };
    }),
  },
  ConsumerGroupDescribe: {
    key: 69,
    versions: [0, 1],
    encode({ groups }) {
      // The first byte belongs to the header: that of flexible versions ends with its tags.
      const writer = new ByteWriter().int8(0).unsignedVarint(groups.length + 1);
      for (const group of groups) writer.compactString(group);
      // Without authorized operations, without tags.
      return writer.boolean(false).int8(0).written;
    },
  },
};

function generationFields({ group, generation, memberId }: GroupGeneration) {
  return { groupId: group, groupGenerationId: generation, memberId };
}
