/**
 * The command of the fault tests: what its input is, and what its answer must be.
 *
 * @module
 */

/** Input of the command `work`. */
export interface Work {
  /** Name of the call; no two calls have the same. */
  readonly call: string;
  /** What the answer is made of; no two calls have the same. */
  readonly text: string;
  /** Milliseconds that the command takes. */
  readonly holdMs: number;
  /** Unix milliseconds after which the command must not start. */
  readonly deadline: number;
}

/** Input of the stream `ticks`. */
export interface Ticks {
  /** Name of the stream; no two have the same. */
  readonly call: string;
  /** How many values it has. */
  readonly count: number;
  /** Milliseconds before each of them. */
  readonly everyMs: number;
  /** Bytes of each. */
  readonly padding: number;
}

/** Input of the command `gather`, which every server is called with. */
export interface Gathered {
  /** Name of the call; no two have the same. */
  readonly call: string;
  /** What the answer is made of. */
  readonly text: string;
}

/** A line that a server writes for each execution. */
export interface Execution {
  /** Name of the call. */
  readonly call: string;
  /** Its correlation id. */
  readonly id: string;
  /** The attempt, as the command saw it. */
  readonly attempt: number;
  /** Milliseconds by which it was started too late; negative where it was in time. */
  readonly late: number;
  /** Unix milliseconds of its start, by the clock of that process. */
  readonly at: number;
  /** The process that ran it. */
  readonly pid: number;
}

/** The one right answer to a text: nothing that a mixed-up or default value could be. */
export function answerTo(text: string): string {
  return `${[...text].reverse().join("")}/${text.length}`;
}
