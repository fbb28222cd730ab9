/**
 * Turns Ctrl-C, `kill` and a vanished parent into one abort signal.
 *
 * @module
 */

const SIGNALS: Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];
const EXIT_CODES: Partial<Record<Deno.Signal, number>> = {
  SIGHUP: 129,
  SIGINT: 130,
};
const SAME_PRESS_MS = 300;
const PARENT_CHECK_MS = 1000;

/** Why a run was cut short. */
export class Interrupted extends Error {
  /** Always "Interrupted". */
  override name = "Interrupted";
  /** The exit code that shells use for this signal. */
  readonly exitCode: number;

  /** Takes the signal that came in. */
  constructor(readonly by: Deno.Signal) {
    super(`Interrupted by ${by}.`);
    this.exitCode = EXIT_CODES[by] ?? 143;
  }
}

/** Whether this signal asks for an end. */
export function isInterruption(signal: Deno.Signal | null): signal is Deno.Signal {
  return signal !== null && SIGNALS.includes(signal);
}

/** Calls `again` on each further interruption after the first, which aborts the signal. */
export function onInterruption(again: () => void): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const take = (by: Deno.Signal) => {
    if (!controller.signal.aborted) {
      first = performance.now();
      controller.abort(new Interrupted(by));
    } else if (performance.now() - first > SAME_PRESS_MS) {
      // One Ctrl-C can arrive twice: from the terminal, and passed on by `deno task`.
      again();
    }
  };
  for (const name of SIGNALS) Deno.addSignalListener(name, () => take(name));

  // A parent that was killed outright passes nothing on. Its children get a new parent then.
  const parent = Deno.ppid;
  const watch = setInterval(
    () => Deno.ppid !== parent && take("SIGTERM"),
    PARENT_CHECK_MS,
  );
  Deno.unrefTimer(watch);
  return controller.signal;
}
