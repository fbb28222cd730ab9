// One sandbox: a worker or a child process that runs commands.
import type { LogFields } from "../logging/logger.ts";
import type { RpcCode } from "../wire/errors.ts";
import { failedOutcome } from "../wire/failure.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { Job, JobContext } from "./executor.ts";
import type { Offer } from "./inside/messages.ts";

/** The outcome of a job that its sandbox declined: it needs another one. */
export const DECLINED: Outcome = failedOutcome("internal", "Cannot run: its sandbox declined.");

/** The outcome of a job that has certainly not begun, and never will in this sandbox. */
export const RETURNED: Outcome = failedOutcome(
  "unavailable",
  "Cannot run: its sandbox had just ended. Try again.",
);

/** What a command gets where no sandbox can be started. */
export function noSandbox(command: string): Outcome {
  return failedOutcome(
    "resource_exhausted",
    // Not the reason: it names files and hosts of the server, and stands in its log.
    `Cannot run "${command}": no sandbox can be started, the log of the server says why. ` +
      "Try again later.",
  );
}

/** What a command gets that its sandbox ended with. */
export function endedBy(code: RpcCode, reason: string): (command: string) => Outcome {
  return (command) => failedOutcome(code, `Cannot finish "${command}": ${reason}.`);
}

/** What a command gets whose sandbox was ended, not by it or perhaps not by it. */
export function abortedBy(why: string): (command: string) => Outcome {
  return (command) =>
    failedOutcome(
      "aborted",
      `Cannot finish "${command}": ${why}. It may have done a part of its work. Send it again ` +
        "where that does no harm.",
    );
}

/** Why a sandbox ended, with the figures that go with it: fields of a log line. */
export interface SandboxEnd extends LogFields {
  /**
   * `memory`: it took too much; `result`: it sent too much; `error`: nobody caught an error; `exit`
   * and `crash`: its process ended; `protocol`: it sent what no sandbox sends.
   */
  readonly reason: "memory" | "result" | "error" | "exit" | "crash" | "protocol";
}

/** A command that did not settle in the grace after its signal aborted. */
export interface Overdue {
  readonly context: JobContext;
  /** Why it was aborted. */
  readonly reason: unknown;
  /** How long it ran until then. */
  readonly ms: number;
  /** Whether the event loop has answered since: it waits, it does not compute. */
  readonly answered: boolean;
}

/** What a sandbox is busy with. */
export interface SandboxLoad {
  /** Jobs that were sent in and have not come to their end. */
  readonly inFlight: number;
  /** Those of them of which its event loop has not said yet that they are done or wait. */
  readonly unanswered: number;
  /** How often it has said so: while this number stands still, it computes. */
  readonly answers: number;
  readonly overdue: readonly Overdue[];
  /** Whether it computes for no job at all: something that was left behind. */
  readonly stuck: boolean;
  /** The jobs that had begun when it ended. */
  readonly interrupted: readonly JobContext[];
}

/** A sandbox that is ready to run commands. */
export interface Sandbox {
  /** The commands inside. */
  readonly offer: Offer;
  /** Whether another command may be run: false as soon as its end is certain. */
  readonly usable: boolean;
  /** Whether another sandbox should take its place, as soon as there is one. */
  readonly spent: boolean;
  readonly load: SandboxLoad;
  /** Resolves when it can't be used any more, whatever ended it. */
  readonly ended: Promise<void>;
  /** Why it ended; undefined while it runs, and where it was closed. Whole once it has ended. */
  readonly end: SandboxEnd | undefined;
  /**
   * Runs one command; resolves at the latest when the signal aborts. Gives {@linkcode RETURNED}
   * where it has not begun, and another sandbox must run it.
   */
  run(job: Job, signal: AbortSignal): Promise<Outcome>;
  /** Sets what is called whenever `load` or `usable` may have changed. */
  watch(onChange: () => void): void;
  /** Takes back the jobs that have not begun. Resolves, within a bound, when it is certain which. */
  takeBack(): Promise<void>;
  /**
   * Ends it because a command in it, `culprit`, does not stop. What has not begun should be taken
   * back before; every other call in it is answered with `aborted`.
   */
  stop(culprit: string | undefined): Promise<void>;
  /** Ends it, whatever runs inside. */
  close(): Promise<void>;
}
