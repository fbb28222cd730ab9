/**
 * What is measured, by name: how a column is headed, and what it is.
 *
 * @module
 */

/** Of one column. */
export interface Figure {
  /** Head of the column, with the unit. */
  readonly title: string;
  /** What it is, for docs/performance.md. */
  readonly about: string;
}

/** All figures; a table has those that its rows have, in this order. */
export const FIGURES = {
  firstAnswer: {
    title: "first answer ms",
    about: "from the start of the first program to the first answer: loading, topics, group, call",
  },
  median: { title: "median ms", about: "half of the calls, one after the other, took no longer" },
  p99: { title: "p99 ms", about: "99 of 100 calls took no longer" },
  hundred: { title: "100 calls s", about: "100 calls, one after the other" },
  closedMedian: { title: "median ms, 50 at a time", about: "the same with 50 calls in flight" },
  burst: {
    title: "burst calls/s",
    about: "calls a second of a burst: all at once, to the last answer",
  },
  cpu: {
    title: "CPU s/1 000",
    about: "processor seconds of 1 000 calls of a burst, all processes",
  },
  closedCpu: { title: "CPU s/1 000, 1", about: "the same, one call at a time" },
  crowdCpu: { title: "CPU s/1 000, 50", about: "the same, 50 calls at a time" },
  closedBrokerCpu: {
    title: "broker s/1 000, 1",
    about: "processor seconds of the broker, one at a time",
  },
  crowdBrokerCpu: { title: "broker s/1 000, 50", about: "the same, 50 calls at a time" },
  idle: { title: "idle CPU %", about: "of one core, while nobody calls" },
  pending: { title: "B/pending call", about: "heap of client and server for a call in flight" },
  heap: { title: "heap MB", about: "in use after a garbage collection, after the bursts" },
  resident: { title: "resident MB", about: "of all processes, after that collection" },
  rate: { title: "asked calls/s", about: "rate at which calls should begin" },
  got: { title: "got calls/s", about: "answered a second, to the last answer" },
  openMedian: { title: "median ms, open", about: "counted from when the call should have begun" },
  openP99: { title: "p99 ms, open", about: "the same" },
  openP999: { title: "p99.9 ms, open", about: "the same" },
  late: { title: "begun late ms", about: "median of how late the bench itself began a call" },
  failed: { title: "failed", about: "calls without a result" },
  start: { title: "start ms", about: "of a sandbox, warm" },
  trip: {
    title: "round trip µs",
    about: "of a job to a warm sandbox and back, without Kafka; of an echo",
  },
  pss: {
    title: "PSS MiB",
    about: "of one of four sandboxes; pages that they share are shared out",
  },
  kill: {
    title: "kill to answer ms",
    about: "from the deadline of an endless loop to the next answer",
  },
  calls: { title: "calls/s", about: "of jobs through a pool, without Kafka" },
  micros: { title: "CPU µs/call", about: "of this process and the sandboxes" },
  share: {
    title: "share %",
    about: "of the time of the process's JavaScript thread, idle time left out",
  },
  spent: { title: "µs/call", about: "the same, of a call; the profiler's own work is in it" },
  bytes: { title: "bytes", about: "of the batch as it is sent" },
  encode: { title: "encode µs", about: "processor time" },
  decode: { title: "decode µs", about: "processor time" },
  values: { title: "values/s", about: "of one stream, or results of calls at once" },
  sign: { title: "sign µs", about: "of one record, one after the other" },
  validate: {
    title: "validate µs",
    about: "what the contract of one call takes, one after the other",
  },
  verify: { title: "verify µs", about: "the same" },
  channels: {
    title: "ns/call",
    about: "of the diagnostics channels of both sides, while nobody subscribes",
  },
  shown: { title: "shown %", about: "calls that the tool showed, of those that were made" },
  behind: {
    title: "behind ms",
    about: "from the end of the last call to when the tool had shown the last",
  },
  toolCpu: { title: "tool s/1 000", about: "processor seconds of the tool for 1 000 calls" },
  took: { title: "took s", about: "of a run of the tool, from its start to its end" },
  runCpu: { title: "CPU s", about: "processor seconds of that run, on all cores" },
} as const satisfies Record<string, Figure>;

/** Name of a figure. */
export type FigureName = keyof typeof FIGURES;
