// Asks the servers about themselves, and says which of them did not answer.
import type { Client } from "../../client/client.ts";
import type { DiscoveredServers } from "../../client/found_servers.ts";
import { printableLine } from "../../logging/printable.ts";
import { MAX_QUESTION_MS, type ServerDetail } from "../../wire/discovery.ts";
import { RpcError } from "../../wire/errors.ts";
import { type Arguments, type Flags, wrongValue } from "../arguments.ts";
import type { Invocation } from "../command.ts";
import type { Output } from "../output.ts";

export const ASK_FLAGS: Flags = {
  timeout: { value: "TIME", help: "wait for answers at most; default: 2s" },
};

const DEFAULT_TIMEOUT_MS = 2_000;

/** How long answers are awaited. */
export function askTimeout(args: Arguments): number {
  const timeoutMs = args.duration("timeout") ?? DEFAULT_TIMEOUT_MS;
  if (timeoutMs <= MAX_QUESTION_MS) return timeoutMs;
  throw wrongValue("timeout", args.text("timeout") ?? "", "Give 60s at most.");
}

/** Rejects with `unavailable` where there is no server at all: that is exit code 3. */
export async function askServers<Detail extends ServerDetail>(
  client: Client,
  detail: Detail,
  { args, connection, signal }: Pick<Invocation, "args" | "connection" | "signal">,
): Promise<DiscoveredServers<Detail>> {
  const timeoutMs = askTimeout(args);
  const found = await client.servers<Detail>({ detail, timeoutMs, signal });
  const { servers, refused, missing = [] } = found;
  if (servers.length + refused.length + missing.length > 0) return found;
  throw new RpcError(
    "unavailable",
    `Cannot ask servers: none is in the group ${connection.group}, and none answered. Start one with ` +
      `the topic ${connection.topic} and this group.`,
  );
}

/** Whether each server answered. */
export function isWhole({ refused, missing = [] }: DiscoveredServers): boolean {
  return refused.length === 0 && missing.length === 0;
}

/** A line for each server that did not answer, or refused to. */
export function absentLines(
  { refused, missing = [] }: DiscoveredServers,
  output: Output,
): string[] {
  return [
    ...missing.map((server) => `✘ ${server} did not answer`),
    ...refused.map(({ server, error }) => `✘ ${server}: ${error.message}`),
  ].map((line) => output.paint(printableLine(line), "red"));
}

/** On standard error: a list without them is not the whole list. */
export function noteAbsent(found: DiscoveredServers, output: Output): void {
  absentLines(found, output).forEach((line) => output.note(line));
}
