/**
 * Runs one deno command for a task.
 *
 * @module
 */
import os from "node:os";
import { Interrupted, isInterruption } from "./interruption.ts";

const onWindows = Deno.build.os === "windows";

/** How to run a child. */
export interface ChildOptions {
  /** Added to this process's environment. */
  env: Record<string, string>;
  /** Passed on to the child, which then decides itself when to end. */
  signal: AbortSignal;
  /** Gets the standard output, instead of the terminal. */
  onOutput?: (chunk: Uint8Array) => void;
  /** Gets the standard error, instead of the terminal. */
  onErrors?: (chunk: Uint8Array) => void;
  /** Called with the running child. */
  onStart?: (child: Deno.ChildProcess) => void;
  /** By how many steps of niceness its priority is lower than that of this process. Default: 0. */
  yieldsBy?: number;
}

const running = new Set<Deno.ChildProcess>();

/** Ends every running child and what it started, without asking. */
export function killRunning(): void {
  for (const child of running) {
    onWindows ? child.kill("SIGKILL") : Deno.kill(-child.pid, "SIGKILL");
  }
}

/**
 * Runs `deno` with these arguments.
 *
 * @returns Its exit code.
 * @throws {Interrupted} Where Ctrl-C or `kill` ended it, also where this process was not told.
 */
export async function runDeno(
  args: string[],
  options: ChildOptions,
): Promise<number> {
  const { env, signal, onOutput, onErrors, yieldsBy = 0 } = options;
  signal.throwIfAborted();
  // Lower from its first thread on: a thread keeps the priority that its process had at its start.
  const [command, ...before] = yieldsBy > 0 && !onWindows
    ? ["nice", "-n", String(yieldsBy), Deno.execPath()] as const
    : [Deno.execPath()] as const;
  const child = new Deno.Command(command, {
    args: [...before, ...args],
    env,
    stdin: "inherit",
    stdout: onOutput ? "piped" : "inherit",
    stderr: onErrors ? "piped" : "inherit",
    // Out of the terminal's group, so that Ctrl-C reaches the child exactly once: from here.
    // Programs take a second one as "end at once". On Windows the console tells it alone.
    detached: !onWindows,
  }).spawn();
  const passOn = () => {
    const by = signal.reason instanceof Interrupted ? signal.reason.by : "SIGTERM";
    if (!onWindows) {
      Deno.kill(child.pid, by === "SIGINT" ? "SIGINT" : "SIGTERM");
    }
  };
  signal.addEventListener("abort", passOn);
  running.add(child);
  const ended = child.status.finally(() => {
    running.delete(child);
    signal.removeEventListener("abort", passOn);
  });
  if (yieldsBy > 0 && onWindows) {
    const priority = Math.min(os.getPriority() + yieldsBy, os.constants.priority.PRIORITY_LOW);
    os.setPriority(child.pid, priority);
  }
  options.onStart?.(child);
  const [status] = await Promise.all([
    ended,
    onOutput && child.stdout.pipeTo(new WritableStream({ write: onOutput })),
    onErrors && child.stderr.pipeTo(new WritableStream({ write: onErrors })),
  ]);
  // Whoever signals all processes at once may reach the child first.
  if (isInterruption(status.signal)) throw signal.reason ?? new Interrupted(status.signal);
  return status.code;
}
