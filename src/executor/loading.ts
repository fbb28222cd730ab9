// Waits until a sandbox has loaded its commands, and warns while it has not.
import { clock, type Timer } from "../async/clock.ts";
import { withDeadline } from "../async/deadline.ts";
import type { Logger } from "../logging/logger.ts";
import { RpcError } from "../wire/errors.ts";
import { EVAL_COMMAND } from "../wire/headers.ts";
import type { Offer } from "./inside/messages.ts";
import type { JobChannel } from "./job_channel.ts";

/** Longest start of a sandbox by default, in milliseconds. */
export const DEFAULT_LOAD_MS = 30_000;

/** First warning that a module is still loading, in milliseconds; each further one after twice the time. */
const STILL_LOADING_MS = 1_000;

export interface LoadOptions {
  /** URL; undefined for `eval`. */
  readonly module: string | undefined;
  /** Ends the wait with its reason. */
  readonly signal: AbortSignal;
  /** Longest wait in milliseconds: the module's own top level runs in it. Default: 30 000. */
  readonly loadMs?: number | undefined;
  /** Where a long wait is reported. */
  readonly logger?: Logger | undefined;
}

/**
 * Waits for the commands inside, at least one. Rejects with `failed_precondition`
 * where it takes too long or there is none.
 */
export async function loaded(
  channel: JobChannel,
  options: LoadOptions,
): Promise<Offer> {
  const { module, signal, loadMs = DEFAULT_LOAD_MS, logger } = options;
  const what = `load the commands of ${module ?? EVAL_COMMAND}`;
  const stop = reportLoading(module, logger);
  try {
    const bounds = { timeoutMs: loadMs, signal };
    const offer = await withDeadline(channel.ready, bounds, () => overdue(what, loadMs));
    if (offer.commands.length > 0) return offer;
  } finally {
    stop();
  }
  throw new RpcError(
    "failed_precondition",
    `Cannot ${what}: it exports no function. Every exported function is a command.`,
  );
}

function overdue(what: string, loadMs: number): RpcError {
  return new RpcError(
    "failed_precondition",
    `Cannot ${what}: it was not ready in ${loadMs} ms. Look at its top level for an \`await\` that ` +
      "does not end, such as a connection to a database that does not answer: open it in the first " +
      "call, or give it a timeout. A module that needs longer gets it by `limits.loadMs`.",
  );
}

/** Warns at growing intervals that a module is loading, until it is stopped. */
function reportLoading(module: string | undefined, logger: Logger | undefined): () => void {
  // Expressions have no module: a slow start of theirs is that of the machine.
  if (module === undefined) return () => {};
  const began = clock.now();
  let timer: Timer;
  const schedule = (milliseconds: number) => {
    timer = clock.timer(milliseconds, () => {
      logger?.warn("the commands are still loading, the top level of their module has not ended", {
        module,
        ms: Math.round(clock.now() - began),
      });
      schedule(2 * milliseconds);
    }, { background: true });
  };
  schedule(STILL_LOADING_MS);
  return () => timer.cancel();
}

/**
 * Rewrites the error of a module that may not do what it does when it is loaded, to name the option
 * that grants it: it has its permissions from the server, not from flags.
 */
export function withPermissionOption(error: unknown): unknown {
  if (!(error instanceof RpcError)) return error;
  const pattern = /Requires (\w+) access(?: to ("[^"]*"))?, run again with the --allow-\w+ flag/;
  const [found, kind, wanted] = pattern.exec(error.message) ?? [];
  if (found === undefined) return error;
  const grant = `permissions: { ${kind}: ${wanted === undefined ? "true" : `[${wanted}]`} }`;
  const reason = `it has no ${kind} access${wanted === undefined ? "" : ` to ${wanted}`}`;
  const message = error.message.replace(found, reason)
    .replace("Correct the module,", `If it should have it, serve with \`${grant}\`,`);
  return new RpcError(error.code, message, { cause: error.cause });
}
