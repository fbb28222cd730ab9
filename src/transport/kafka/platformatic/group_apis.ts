// The requests about groups. Versions: as in log_apis.ts.
import {
  consumerGroupDescribeV0,
  describeGroupsV0,
  describeGroupsV1,
  describeGroupsV2,
  findCoordinatorV1,
  findCoordinatorV2,
  heartbeatV0,
  heartbeatV1,
  heartbeatV2,
  heartbeatV3,
  joinGroupV1,
  joinGroupV2,
  joinGroupV3,
  joinGroupV4,
  joinGroupV5,
  leaveGroupV0,
  leaveGroupV1,
  leaveGroupV2,
  leaveGroupV3,
  offsetCommitV2,
  offsetCommitV3,
  offsetCommitV4,
  offsetCommitV5,
  offsetFetchV1,
  offsetFetchV2,
  offsetFetchV3,
  offsetFetchV4,
  syncGroupV0,
  syncGroupV1,
  syncGroupV2,
  syncGroupV3,
} from "@platformatic/kafka";
import { asBuffer } from "../as_buffer.ts";
import { byTopic } from "../by_topic.ts";
import type { Requests } from "../port.ts";
import { apiOf, type LibraryApi } from "./api.ts";

type GroupApi =
  | "FindCoordinator"
  | "JoinGroup"
  | "SyncGroup"
  | "Heartbeat"
  | "LeaveGroup"
  | "OffsetCommit"
  | "OffsetFetch"
  | "DescribeGroups"
  | "ConsumerGroupDescribe";

const GROUP_KEY = 0;
const NO_INSTANCE = null;
const PROTOCOL_TYPE = "consumer";
const ANY_EPOCH = -1;
const REASON = null;

/** Group, generation, member: what requests of a member begin with. */
type Member = Pick<Requests["Heartbeat"], "group" | "generation" | "memberId">;
const memberOf = ({ group, generation, memberId }: Member) =>
  [group, generation, memberId] as const;

const consumerGroupDescribe: LibraryApi<"ConsumerGroupDescribe"> = apiOf(
  [consumerGroupDescribeV0],
  {
    throttledSince: 0,
    request: ({ groups }, createRequest) => createRequest([...groups], false),
    answer: ({ groups }, aside) => ({
      groups: groups.map(({ groupId, groupState, errorMessage, members }) => ({
        error: aside.nextCode(),
        message: errorMessage ?? undefined,
        group: groupId,
        state: groupState,
        members: members.length,
      })),
    }),
  },
);

export const GROUP_APIS: { readonly [A in GroupApi]: LibraryApi<A> } = {
  FindCoordinator: apiOf([findCoordinatorV1, findCoordinatorV2], {
    throttledSince: 2,
    request: ({ group }, createRequest) => createRequest(GROUP_KEY, [group]),
    answer: ({ coordinators: [found] }, aside) => {
      const error = aside.nextCode();
      const { errorMessage, nodeId, host, port } = found!;
      // Without an error the broker says "NONE".
      const message = error === 0 ? undefined : errorMessage ?? undefined;
      return { error, message, nodeId, host, port };
    },
  }),

  JoinGroup: apiOf([joinGroupV1, joinGroupV2, joinGroupV3, joinGroupV4, joinGroupV5], {
    throttledSince: 3,
    request: (asked, createRequest) => {
      const { group, sessionTimeoutMs, rebalanceTimeoutMs, memberId } = asked;
      const protocols = asked.protocols.map(({ name, metadata }) => {
        return { name, metadata: asBuffer(metadata) };
      });
      const member = [group, sessionTimeoutMs, rebalanceTimeoutMs, memberId] as const;
      return createRequest(...member, NO_INSTANCE, PROTOCOL_TYPE, protocols, REASON);
    },
    answer: ({ generationId, protocolName, leader, memberId, members }, aside) => ({
      error: aside.nextCode(),
      generation: generationId,
      protocol: protocolName ?? "",
      leader,
      memberId,
      members: members.map(({ memberId, metadata }) => ({ memberId, metadata: metadata! })),
    }),
  }),

  SyncGroup: apiOf([syncGroupV0, syncGroupV1, syncGroupV2, syncGroupV3], {
    throttledSince: 2,
    request: ({ assignments, ...member }, createRequest) => {
      const given = assignments.map(({ memberId, assignment }) => {
        return { memberId, assignment: asBuffer(assignment) };
      });
      return createRequest(...memberOf(member), NO_INSTANCE, PROTOCOL_TYPE, null, given);
    },
    answer: ({ assignment }, aside) => ({ error: aside.nextCode(), assignment }),
  }),

  Heartbeat: apiOf([heartbeatV0, heartbeatV1, heartbeatV2, heartbeatV3], {
    throttledSince: 2,
    request: (member, createRequest) => createRequest(...memberOf(member), NO_INSTANCE),
    answer: (_, aside) => ({ error: aside.nextCode() }),
  }),

  LeaveGroup: apiOf([leaveGroupV0, leaveGroupV1, leaveGroupV2, leaveGroupV3], {
    throttledSince: 2,
    request: ({ group, memberId }, createRequest) => {
      return createRequest(group, [{ memberId, groupInstanceId: NO_INSTANCE }]);
    },
    answer: ({ members = [] }, aside) => {
      const errors = [aside.nextCode(), ...members.map(() => aside.nextCode())];
      return { error: errors.find((error) => error !== 0) ?? 0 };
    },
  }),

  OffsetCommit: apiOf([offsetCommitV2, offsetCommitV3, offsetCommitV4, offsetCommitV5], {
    throttledSince: 4,
    request: ({ partitions, ...member }, createRequest) => {
      const topics = byTopic(partitions, ({ partition, offset }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedLeaderEpoch: ANY_EPOCH,
        committedMetadata: null,
      }));
      const named = topics.map(({ topic, partitions }) => ({ name: topic, partitions }));
      return createRequest(...memberOf(member), NO_INSTANCE, named);
    },
    answer: ({ topics }, aside) => ({
      partitions: topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex }) => {
          return { topic: name, partition: partitionIndex, error: aside.nextCode() };
        })
      ),
    }),
  }),

  OffsetFetch: apiOf([offsetFetchV1, offsetFetchV2, offsetFetchV3, offsetFetchV4], {
    throttledSince: 4,
    request: ({ group, partitions }, createRequest) => {
      const topics = byTopic(partitions, ({ partition }) => partition)
        .map(({ topic, partitions }) => ({ name: topic, partitionIndexes: partitions }));
      return createRequest([{ groupId: group, topics }], false);
    },
    answer: ({ topics }, aside, version) => ({
      partitions: topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, committedOffset }) => ({
          topic: name,
          partition: partitionIndex,
          offset: committedOffset,
          error: aside.nextCode(),
        }))
      ),
      error: version >= 2 ? aside.nextCode() : 0,
    }),
  }),

  DescribeGroups: apiOf([describeGroupsV0, describeGroupsV1, describeGroupsV2], {
    throttledSince: 2,
    request: ({ groups }, createRequest) => createRequest([...groups], false),
    answer: ({ groups }, aside) => ({
      groups: groups.map(({ groupId, groupState, members }) => ({
        error: aside.nextCode(),
        group: groupId,
        state: groupState,
        members: members.length,
        metadata: members.map(({ memberMetadata }) => memberMetadata),
      })),
    }),
  }),

  ConsumerGroupDescribe: {
    ...consumerGroupDescribe,
    // Headers of flexible versions end with tags: of the request before its body, ...
    encode: async (asked, version) =>
      Uint8Array.of(0, ...await consumerGroupDescribe.encode(asked, version)),
    decode(reader, version) {
      reader.skipTags(); // ... and of the answer.
      return consumerGroupDescribe.decode(reader, version);
    },
  },
};
