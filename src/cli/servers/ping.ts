// `ping`: which servers there are, and how quickly they answer.
import { connect } from "../../client/client.ts";
import type { DiscoveredServer, DiscoveredServers } from "../../client/found_servers.ts";
import { printableLine } from "../../logging/printable.ts";
import { clientOptions } from "../call_options.ts";
import type { Command } from "../command.ts";
import { GLYPHS, type Status } from "../doctor/check.ts";
import { EXIT } from "../exit_code.ts";
import { counted, duration, table } from "../layout.ts";
import type { Output } from "../output.ts";
import { ASK_FLAGS, askServers, askTimeout, isWhole } from "./ask.ts";
import { partitionsText } from "./text.ts";

export const ping: Command = {
  name: "ping",
  summary:
    "Asks every server for a sign of life: how long it took, its partitions, who is missing.",
  operands: "",
  operandCount: [0, 0],
  flags: ASK_FLAGS,
  async run(invocation) {
    const { args, connection, output, signal } = invocation;
    await using client = await connect(clientOptions(connection, signal));
    const found = await askServers(client, "ping", invocation);
    if (output.isJson) writeValues(found, output);
    else writeLines(found, output, askTimeout(args));
    return isWhole(found) ? EXIT.ok : EXIT.failed;
  },
};

function writeValues({ servers, refused, missing = [] }: DiscoveredServers, output: Output): void {
  for (const server of servers) output.value({ ok: true, ...server });
  for (const { server, error } of refused) output.value({ ok: false, server, error });
  for (const server of missing) output.value({ ok: false, server });
}

export function writeLines(
  found: DiscoveredServers<"ping">,
  output: Output,
  timeoutMs: number,
): void {
  const { servers, refused, missing } = found;
  const columns = [
    { title: " " },
    { title: "server" },
    { title: "took", align: "right" },
    { title: "state" },
    { title: "partitions", shrinks: true },
    { title: "host", shrinks: true },
    { title: "version" },
  ] as const;
  const none = (server: string, says: string) => [GLYPHS.failed, server, "-", says, "", "", ""];
  const rows = [
    ...servers.map(rowOf),
    ...refused.map(({ server, error }) => none(server, error.code)),
    ...(missing ?? []).map((server) => none(server, "no answer")),
  ].map((cells) => cells.map(printableLine));
  const [head = "", ...lines] = table(columns, rows, output.columns);
  output.line(output.paint(head, "faint"));
  for (const line of lines) {
    const paint = line.startsWith(GLYPHS.ok)
      ? "green"
      : line.startsWith(GLYPHS.failed)
      ? "red"
      : "yellow";
    output.line(output.paint(line.slice(0, 1), paint) + output.paint(line.slice(1)));
  }
  const absent = missing === undefined
    ? "; the members of the group are not known"
    : missing.length === 0
    ? ""
    : `; ${counted(missing.length, "member")} of the group did not answer in ${
      duration(timeoutMs)
    }`;
  output.note(`${counted(servers.length, "server")} answered${absent}`);
}

function rowOf(server: DiscoveredServer<"ping">): string[] {
  const { state, partitions, host = "-", version, roundTripMs } = server;
  const status: Status = state === "serving" ? "ok" : "warning";
  const took = duration(roundTripMs);
  return [GLYPHS[status], server.server, took, state, partitionsText(partitions), host, version];
}
