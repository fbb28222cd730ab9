/**
 * One sandbox: a worker or a child process that runs one command at a time.
 *
 * @module
 */
import type { Outcome } from "../wire/reply.ts";
import type { Job } from "./executor.ts";

/** How long a command may take to settle after its signal aborted, in milliseconds. */
export const ABORT_GRACE_MS = 100;

/** A sandbox that is ready to run commands. */
export interface Sandbox {
  /** Names of the commands inside. */
  readonly commands: readonly string[];
  /** Resolves when it can't be used any more, whatever ended it. */
  readonly ended: Promise<void>;
  /** Runs one command; resolves at the latest when the signal aborts. */
  run(job: Job, signal: AbortSignal): Promise<Outcome>;
  /**
   * Resolves when the last command has really come to its end: true where the
   * sandbox can run another, false where it must be replaced.
   */
  settled(): Promise<boolean>;
  /** Ends it, whatever runs inside. */
  close(): Promise<void>;
}
