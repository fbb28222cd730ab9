/**
 * What brokers answer with: error codes, and answers without what the network adds.
 *
 * @see https://kafka.apache.org/protocol#protocol_error_codes
 * @module
 */
import type { Answers, Api } from "../../src/transport/kafka/port.ts";

/** An answer before the network adds how long it throttles. */
export type Plain<A extends Api> = Omit<Answers[A], "throttleMs">;

/** Error codes by what they say. */
export const CODE = {
  offsetOutOfRange: 1,
  unknownTopic: 3,
  notLeader: 6,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  invalidTopic: 17,
  illegalGeneration: 22,
  inconsistentProtocol: 23,
  unknownMember: 25,
  invalidSessionTimeout: 26,
  rebalanceInProgress: 27,
  topicExists: 36,
  invalidPartitions: 37,
  invalidReplication: 38,
  groupIdNotFound: 69,
  memberIdRequired: 79,
} as const;
