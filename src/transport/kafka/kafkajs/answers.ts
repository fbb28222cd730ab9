// Decodes answers, each in the versions that requests.ts asks for. The library's own decoders trust
// the counts that an answer names, lose the numbers of errors above 88, and fail a whole answer for
// one topic.
// See https://kafka.apache.org/protocol#protocol_messages
import type { AnswerDecoder } from "../library.ts";
import type { Api, Item, TopicPartition } from "../port.ts";
import type { BoundedReader } from "../bounded_reader.ts";
import { metadataIn } from "../metadata_answer.ts";
import { operationsIn } from "../operations.ts";
import { decodeConsumerGroups } from "./consumer_group_answer.ts";

export const DECODERS: { readonly [A in Api]: AnswerDecoder<A> } = {
  Metadata(reader, version) {
    const { throttleMs, topics, ...rest } = metadataIn(reader, version);
    return {
      ...rest,
      throttleMs: version >= 6 ? throttleMs : 0,
      topics: topics.map(({ error, topic, partitions, operationBits }) => {
        // It is kept for as long as the topic is used: what no call needs is left out.
        const led = partitions.map(({ error, partition, leader }) => ({
          error,
          partition,
          leader,
        }));
        return { error, topic, partitions: led, rights: operationsIn(operationBits) };
      }),
    };
  },

  ListOffsets(reader, version) {
    const throttleMs = version >= 2 ? throttle(reader, version >= 3) : 0;
    const partitions = byTopic(reader, () => {
      const partition = reader.int32();
      const error = reader.int16();
      reader.skip(8); // Timestamp of the record.
      return { partition, error, offset: reader.int64() };
    });
    return { throttleMs, partitions };
  },

  Produce(reader, version) {
    const partitions = byTopic(reader, () => {
      const partition = reader.int32();
      const error = reader.int16();
      const baseOffset = reader.int64();
      reader.skip(version >= 5 ? 16 : 8); // Time of the append, and the log's start.
      return { partition, error, baseOffset };
    });
    return { throttleMs: throttle(reader, version >= 6), partitions };
  },

  Fetch(reader, version) {
    const throttleMs = throttle(reader, version >= 8);
    const error = version >= 7 ? reader.int16() : 0;
    if (version >= 7) reader.skip(4); // Id of the fetch session, which is not used.
    const partitions = byTopic(reader, () => {
      const partition = reader.int32();
      const error = reader.int16();
      const highWatermark = reader.int64();
      reader.skip(8); // Last stable offset.
      const logStartOffset = version >= 5 ? reader.int64() : -1n;
      reader.array(() => reader.skip(16)); // Aborted transactions.
      if (version >= 11) reader.skip(4); // Preferred replica.
      return { partition, error, highWatermark, logStartOffset, records: reader.bytes() };
    });
    return { throttleMs, error, partitions };
  },

  FindCoordinator(reader, version) {
    const throttleMs = throttle(reader, version >= 2);
    const error = reader.int16();
    const text = reader.nullableString();
    // Without an error the broker says "NONE".
    const message = error === 0 ? undefined : text;
    const nodeId = reader.int32();
    return { throttleMs, error, message, nodeId, host: reader.string(), port: reader.int32() };
  },

  JoinGroup(reader, version) {
    const throttleMs = version >= 2 ? throttle(reader, version >= 3) : 0;
    const error = reader.int16();
    const generation = reader.int32();
    const protocol = reader.string();
    const leader = reader.string();
    const memberId = reader.string();
    const members = reader.array(() => {
      const memberId = reader.string();
      if (version >= 5) reader.nullableString(); // Id of the instance.
      return { memberId, metadata: reader.bytes() };
    });
    return { throttleMs, error, generation, protocol, leader, memberId, members };
  },

  SyncGroup(reader, version) {
    return { ...outcome(reader, version), assignment: reader.bytes() };
  },

  Heartbeat: outcome,

  LeaveGroup(reader, version) {
    const { throttleMs, error } = outcome(reader, version);
    const members = version < 3 ? [] : reader.array(() => {
      reader.string(); // Id of the member.
      reader.nullableString(); // Id of the instance.
      return reader.int16();
    });
    return { throttleMs, error: error || members.find((error) => error !== 0) || 0 };
  },

  OffsetCommit(reader, version) {
    const throttleMs = version >= 3 ? throttle(reader, version >= 4) : 0;
    const partitions = byTopic(reader, () => {
      return { partition: reader.int32(), error: reader.int16() };
    });
    return { throttleMs, partitions };
  },

  OffsetFetch(reader, version) {
    const throttleMs = version >= 3 ? throttle(reader, version >= 4) : 0;
    const partitions = byTopic(reader, () => {
      const partition = reader.int32();
      const offset = reader.int64();
      reader.nullableString(); // Metadata of the commit.
      return { partition, offset, error: reader.int16() };
    });
    return { throttleMs, partitions, error: version >= 2 ? reader.int16() : 0 };
  },

  DescribeGroups(reader, version) {
    const throttleMs = version >= 1 ? throttle(reader, version >= 2) : 0;
    const groups = reader.array(() => {
      const error = reader.int16();
      const group = reader.string();
      const state = reader.string();
      reader.string(); // Type of the protocol.
      reader.string(); // Protocol.
      const members = reader.array(() => {
        // Its id, client id and host; its metadata and assignment.
        for (let field = 0; field < 3; field++) reader.string();
        const metadata = reader.bytes();
        reader.bytes();
        return metadata;
      });
      return { error, group, state, members: members.length, metadata: members };
    });
    return { throttleMs, groups };
  },

  ConsumerGroupDescribe: decodeConsumerGroups,

  CreateTopics(reader, version) {
    const throttleMs = throttle(reader, version >= 3);
    const topics = reader.array(() => {
      return { topic: reader.string(), error: reader.int16(), message: reader.nullableString() };
    });
    return { throttleMs, topics };
  },
};

/**
 * Reads the time of a throttle. `left`: the broker leaves the wait to the client, or has waited.
 * @see https://cwiki.apache.org/confluence/x/QH5bB (KIP-219)
 */
function throttle(reader: BoundedReader, left: boolean): number {
  const milliseconds = reader.int32();
  return left ? milliseconds : 0;
}

/** The beginning of the answers about a member. */
function outcome(reader: BoundedReader, version: number): { throttleMs: number; error: number } {
  const throttleMs = version >= 1 ? throttle(reader, version >= 2) : 0;
  return { throttleMs, error: reader.int16() };
}

/** Reads a list of topics, each with a list of partitions, as one list. */
function byTopic<T extends Item & { readonly partition: number }>(
  reader: BoundedReader,
  item: () => T,
): (T & TopicPartition)[] {
  return reader.array(() => {
    const topic = reader.string();
    return reader.array(() => ({ topic, ...item() }));
  }).flat();
}
