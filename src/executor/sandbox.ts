/**
 * One sandbox: a worker or a child process that runs one command at a time.
 *
 * @module
 */
import { withDeadline } from "../async/deadline.ts";
import type { LogFields } from "../transport/logger.ts";
import { RpcError } from "../wire/errors.ts";
import type { Outcome } from "../wire/reply.ts";
import type { Job } from "./executor.ts";
import type { JobChannel } from "./job_channel.ts";

/** Longest start of a sandbox, in milliseconds: the module's own top level runs in it. */
const BOOT_MS = 30_000;

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

/**
 * Waits until the commands of a sandbox are loaded.
 *
 * @param channel The channel of the sandbox.
 * @param module URL of its module; undefined for `eval`.
 * @param signal Ends the wait with its reason.
 * @returns Names of its commands, at least one.
 * @throws {RpcError} `failed_precondition` where it takes too long or there is none.
 */
export async function loaded(
  channel: JobChannel,
  module: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const what = `load the commands of ${module ?? "eval"}`;
  const commands = await withDeadline(channel.ready, { timeoutMs: BOOT_MS, signal }, () => {
    return new RpcError("failed_precondition", `Cannot ${what}: not ready in ${BOOT_MS} ms.`);
  });
  if (commands.length > 0) return commands;
  throw new RpcError(
    "failed_precondition",
    `Cannot ${what}: it exports no function. Every exported function is a command.`,
  );
}
