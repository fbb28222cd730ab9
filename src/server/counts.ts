// What a server counts.

/** What a server has counted since it started. */
export interface ServerCounts {
  /** Records that came. */
  received: number;
  /** Requests that wait for a slot just now. */
  waiting: number;
  /** Commands that run just now. */
  running: number;
  /** Commands that gave a result. */
  succeeded: number;
  /** Commands that failed, refused ones included. */
  failed: number;
  /** Repeated requests that got their first reply again, or joined the one that runs. */
  repeated: number;
  /** Requests that their caller canceled; they were aborted or never started. */
  canceled: number;
  /** Requests that could not have started in time; they were refused at once. */
  shed: number;
  /** Requests that came after their deadline; they were not started. */
  expired: number;
  /** Records that could not be read. */
  malformed: number;
  /** Requests and control records that are not signed as `verify` wants it; they were refused. */
  unauthenticated: number;
  /** Requests that `authorize` did not allow. */
  denied: number;
  /** Replies that could not be sent. */
  lost: number;
}

export function noCounts(): ServerCounts {
  return {
    received: 0,
    waiting: 0,
    running: 0,
    succeeded: 0,
    failed: 0,
    repeated: 0,
    canceled: 0,
    shed: 0,
    expired: 0,
    malformed: 0,
    unauthenticated: 0,
    denied: 0,
    lost: 0,
  };
}
