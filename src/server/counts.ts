/**
 * What a server counts.
 *
 * @module
 */

/** What a server has counted since it started. */
export interface ServerCounts {
  /** Records that came. */
  received: number;
  /** Commands that run just now. */
  running: number;
  /** Commands that gave a result. */
  succeeded: number;
  /** Commands that failed, refused ones included. */
  failed: number;
  /** Requests that came after their deadline; they were not started. */
  expired: number;
  /** Records that could not be read. */
  malformed: number;
  /** Replies that could not be sent. */
  lost: number;
}

/** Counts of a server that has just started. */
export function noCounts(): ServerCounts {
  return {
    received: 0,
    running: 0,
    succeeded: 0,
    failed: 0,
    expired: 0,
    malformed: 0,
    lost: 0,
  };
}
