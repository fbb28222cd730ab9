// The requests about topics and records.
// Versions: from Kafka 0.11 on, where record batches began, to the last ones before "flexible"
// layouts, which say nothing more that is needed here. All of them were recorded from brokers.
import {
  createTopicsV2,
  createTopicsV3,
  fetchV10,
  fetchV11,
  fetchV4,
  fetchV5,
  fetchV6,
  fetchV7,
  fetchV8,
  fetchV9,
  listOffsetsV1,
  listOffsetsV2,
  listOffsetsV3,
  metadataV4,
  metadataV5,
  metadataV6,
  metadataV7,
  metadataV8,
  produceV3,
  produceV4,
  produceV5,
  produceV6,
  produceV7,
} from "@platformatic/kafka";
import { byTopic } from "../by_topic.ts";
import { READ_UNCOMMITTED } from "../port.ts";
import { operationsIn } from "../operations.ts";
import { encodeProduce } from "../produce_request.ts";
import { answersOf, apiOf, type LibraryApi } from "./api.ts";

const CONSUMER = -1;
/** Neither a fetch session, nor a check of the leader's epoch, nor a preferred replica. */
const NO_SESSION = [0, -1] as const;
const ANY_EPOCH = -1;
const NO_RACK = "";

type LogApi = "Metadata" | "ListOffsets" | "Produce" | "Fetch" | "CreateTopics";

export const LOG_APIS: { readonly [A in LogApi]: LibraryApi<A> } = {
  Metadata: apiOf([metadataV4, metadataV5, metadataV6, metadataV7, metadataV8], {
    throttledSince: 6,
    // Without creating topics, without the rights on the cluster.
    request: ({ topics, rights = false }, createRequest) =>
      createRequest([...topics], false, rights),
    answer: ({ brokers, clusterId, controllerId, topics }, aside) => ({
      brokers: brokers.map(({ nodeId, host, port }) => ({ nodeId, host, port })),
      controllerId,
      clusterId: clusterId ?? undefined,
      topics: topics.map(({ name, partitions, topicAuthorizedOperations }) => ({
        error: aside.nextCode(),
        topic: name ?? "",
        partitions: partitions.map(({ partitionIndex, leaderId }) => {
          return { error: aside.nextCode(), partition: partitionIndex, leader: leaderId };
        }),
        rights: operationsIn(topicAuthorizedOperations),
      })),
    }),
  }),

  ListOffsets: apiOf([listOffsetsV1, listOffsetsV2, listOffsetsV3], {
    throttledSince: 3,
    request: ({ partitions }, createRequest) => {
      const topics = byTopic(partitions, ({ partition, timestamp }) => {
        return { partitionIndex: partition, timestamp, currentLeaderEpoch: ANY_EPOCH };
      });
      const named = topics.map(({ topic, partitions }) => ({ name: topic, partitions }));
      return createRequest(CONSUMER, READ_UNCOMMITTED, named);
    },
    answer: ({ topics }, aside) => ({
      partitions: topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, offset }) => {
          return { topic: name, partition: partitionIndex, error: aside.nextCode(), offset };
        })
      ),
    }),
  }),

  Produce: {
    ...answersOf([produceV3, produceV4, produceV5, produceV6, produceV7], {
      throttledSince: 6,
      answer: ({ responses }, aside) => ({
        partitions: responses.flatMap(({ name, partitionResponses }) =>
          partitionResponses.map(({ index, baseOffset }) => {
            return { topic: name, partition: index, error: aside.nextCode(), baseOffset };
          })
        ),
      }),
    }),
    encode: encodeProduce,
  },

  Fetch: apiOf(
    [fetchV4, fetchV5, fetchV6, fetchV7, fetchV8, fetchV9, fetchV10, fetchV11],
    {
      throttledSince: 8,
      request: ({ maxWaitMs, minBytes, maxBytes, partitions }, createRequest) => {
        const topics = byTopic(partitions, ({ partition, offset, maxBytes }) => ({
          partition,
          fetchOffset: offset,
          partitionMaxBytes: maxBytes,
          currentLeaderEpoch: ANY_EPOCH,
          lastFetchedEpoch: ANY_EPOCH,
        }));
        const named = topics.map(({ topic, partitions }) => ({ topicId: topic, partitions }));
        return createRequest(
          maxWaitMs,
          minBytes,
          maxBytes,
          READ_UNCOMMITTED,
          ...NO_SESSION,
          named,
          [],
          NO_RACK,
        );
      },
      answer: ({ responses }, aside, version) => ({
        error: version >= 7 ? aside.nextCode() : 0,
        partitions: responses.flatMap(({ topicId, partitions }) =>
          partitions.map(({ partitionIndex, highWatermark, logStartOffset }) => ({
            topic: topicId,
            partition: partitionIndex,
            error: aside.nextCode(),
            highWatermark,
            logStartOffset,
            records: aside.nextRecords(),
          }))
        ),
      }),
    },
  ),

  CreateTopics: apiOf([createTopicsV2, createTopicsV3], {
    throttledSince: 3,
    request: ({ timeoutMs, topics }, createRequest) => {
      const named = topics.map(({ topic, partitions, replicationFactor }) => {
        const shape = { numPartitions: partitions, replicationFactor };
        return { name: topic, ...shape, assignments: [], configs: [] };
      });
      return createRequest(named, timeoutMs, false);
    },
    answer: ({ topics }, aside) => ({
      topics: topics.map(({ name, errorMessage }) => {
        return { topic: name, error: aside.nextCode(), message: errorMessage ?? undefined };
      }),
    }),
  }),
};
