// SIGINT and SIGTERM.

/** Windows knows no SIGTERM. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM"];

/**
 * Calls a function on the first SIGINT or SIGTERM. A second one ends the process at once, with the
 * exit code that a shell expects. What it gives takes the listeners away again.
 */
export function onShutdownSignal(
  stop: (name: Deno.Signal) => void,
): () => void {
  let stopping = false;
  const listeners = SIGNALS.map((name) => {
    const listener = () => {
      if (stopping) Deno.exit(name === "SIGINT" ? 130 : 143);
      stopping = true;
      stop(name);
    };
    Deno.addSignalListener(name, listener);
    return () => Deno.removeSignalListener(name, listener);
  });
  return () => listeners.forEach((remove) => remove());
}
