// One sandbox: a worker or a child process that runs one command at a time.
import type { LogFields } from "../logging/logger.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { Job } from "./executor.ts";

/** Why a sandbox ended, with the figures that go with it: fields of a log line. */
export interface SandboxEnd extends LogFields {
  /**
   * `memory`: it took too much; `result`: it sent too much; `error`: nobody caught an error; `exit`
   * and `crash`: its process ended; `protocol`: it sent what no sandbox sends.
   */
  readonly reason: "memory" | "result" | "error" | "exit" | "crash" | "protocol";
}

/** A sandbox that is ready to run commands. */
export interface Sandbox {
  /** Names of the commands inside. */
  readonly commands: readonly string[];
  /** Whether another command may be run: false as soon as its end is certain. */
  readonly usable: boolean;
  /** Whether another sandbox should take its place, as soon as there is one. */
  readonly spent: boolean;
  /** Resolves when it can't be used any more, whatever ended it. */
  readonly ended: Promise<void>;
  /** Why it ended; undefined while it runs, and where it was closed. Whole once it has ended. */
  readonly end: SandboxEnd | undefined;
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
