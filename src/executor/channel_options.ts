// What a channel of jobs is given, and how it ends.
import type { Outcome } from "../wire/outcome.ts";

export interface ChannelOptions {
  /** Puts a frame into the sandbox. */
  readonly send: (frame: Uint8Array<ArrayBuffer>) => void;
  /** Takes back the jobs up to a number that have not begun; `returned` is called with which. */
  readonly takeBack: (upTo: number) => void;
  /** Most bytes of an encoded result. */
  readonly resultBytes: number;
  /** Whether its jobs reach nothing outside, so that one that was interrupted may be run again. */
  readonly pure?: boolean | undefined;
}

/** How a channel ends. */
export interface ChannelEnd {
  /** What the command gets that ended it, or every command where there is no `neighbour`. */
  readonly outcome: (command: string) => Outcome;
  /** What each command gets that had begun, where any of several may have ended it. */
  readonly neighbour?: ((command: string) => Outcome) | undefined;
  /** For a sandbox that never became ready. */
  readonly reason: string;
  /** Number of the last job that has begun, where that is known. */
  readonly begun?: number | undefined;
}
