/**
 * Errors that point at the line of the caller.
 *
 * @module
 */
import { RpcError } from "../wire/errors.ts";

/**
 * Runs work so that an RpcError it rejects with has the stack of whoever
 * called, not of the timer or socket that settled it.
 *
 * @param above The public function that was called; frames above it are kept.
 * @param work What it does.
 * @returns What the work gives.
 */
export function atCallSite<T>(
  // deno-lint-ignore ban-types -- captureStackTrace takes any function, and does not call it
  above: Function,
  work: () => Promise<T>,
): Promise<T> {
  const site: { stack?: string } = {};
  // Only the frames are taken here; the text is made when somebody reads it.
  Error.captureStackTrace(site, above);
  return work().catch((error) => {
    // Without a stage it is not of this call: somebody's own error, as the reason of a signal.
    if (error instanceof RpcError && error.stage !== undefined) {
      const frames = site.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
      error.stack = [`${error.name}: ${error.message}`, ...frames].join("\n");
    }
    throw error;
  });
}
