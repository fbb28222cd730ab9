// The same question again and again, until Ctrl-C or so many times.
import type { DiscoveredServers } from "../../client/found_servers.ts";
import { RpcError } from "../../wire/errors.ts";
import type { Arguments, Flags } from "../arguments.ts";

export const WATCH_FLAGS: Flags = {
  interval: { value: "TIME", help: "from one table to the next; default: 2s" },
  count: { value: "N", help: "end after so many tables" },
};

export const DEFAULT_INTERVAL_MS = 2_000;

/** An answer, or why there is none this time. */
export type Sample =
  | { readonly found: DiscoveredServers<"stats">; readonly failure?: undefined }
  | { readonly failure: RpcError; readonly found?: undefined };

export interface WatchParts {
  readonly ask: () => Promise<DiscoveredServers<"stats">>;
  /** Resolves when the next table is due, and at once when it has ended. */
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Asks at once, and then each interval. The first question rejects where it fails; later, an outage
 * is part of what is watched.
 */
export async function* watch(
  args: Arguments,
  { ask, pause, signal }: WatchParts,
): AsyncGenerator<Sample> {
  const intervalMs = args.duration("interval") ?? DEFAULT_INTERVAL_MS;
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    try {
      yield { found: await ask() };
    } catch (error) {
      if (signal.aborted) return;
      if (isFirst || !(error instanceof RpcError)) throw error;
      yield { failure: error };
    }
    await pause(intervalMs);
  }
}
