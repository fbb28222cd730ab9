/**
 * Error codes that a member of a group expects.
 *
 * @see https://kafka.apache.org/protocol#protocol_error_codes
 * @module
 */

const COORDINATOR_LOAD_IN_PROGRESS = 14;
const COORDINATOR_NOT_AVAILABLE = 15;
const ILLEGAL_GENERATION = 22;
const UNKNOWN_MEMBER_ID = 25;
const FENCED_INSTANCE_ID = 82;

/** The coordinator is another broker. */
const NOT_COORDINATOR = 16;
/** Others join or leave. */
export const REBALANCE_IN_PROGRESS = 27;
/** The answer has an id to join with. */
export const MEMBER_ID_REQUIRED = 79;

/** Says whether the coordinator is another broker, or not there yet. */
export function isCoordinatorGone(code: number): boolean {
  return code === COORDINATOR_LOAD_IN_PROGRESS || code === COORDINATOR_NOT_AVAILABLE ||
    code === NOT_COORDINATOR;
}

/** Says whether this is no member any more: its partitions are another's. */
export function isLost(code: number): boolean {
  return code === ILLEGAL_GENERATION || code === UNKNOWN_MEMBER_ID || code === FENCED_INSTANCE_ID;
}

/** Says whether a lost member keeps its id for the next join. */
export function keepsId(code: number): boolean {
  return code === ILLEGAL_GENERATION;
}
