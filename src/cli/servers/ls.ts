// `ls`: which commands there are, and who offers them.
import { connect } from "../../client/client.ts";
import type { DiscoveredServers } from "../../client/found_servers.ts";
import type { CommandInfo } from "../../wire/discovery.ts";
import { printableLine } from "../../logging/printable.ts";
import { clientOptions } from "../call_options.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { table } from "../layout.ts";
import type { Output } from "../output.ts";
import { ASK_FLAGS, askServers, isWhole, noteAbsent } from "./ask.ts";

export const ls: Command = {
  name: "ls",
  summary: "Lists the commands that servers offer, and how many servers offer each.",
  operands: "",
  operandCount: [0, 0],
  flags: ASK_FLAGS,
  async run(invocation) {
    const { connection, output, signal } = invocation;
    await using client = await connect(clientOptions(connection, signal));
    const found = await askServers(client, "info", invocation);
    const offers = offersOf(found);
    if (output.isJson) {
      for (const { name, infos: [info], servers } of offers) {
        output.value({ name, kind: info!.kind, summary: info!.summary, servers });
      }
    } else writeOffers(offers, found, output);
    noteAbsent(found, output);
    return isWhole(found) ? EXIT.ok : EXIT.failed;
  },
};

/** A command, and who offers it; servers may have other versions of it. */
export interface Offer {
  readonly name: string;
  readonly infos: readonly CommandInfo[];
  /** Ids of the servers, in the order of `infos`. */
  readonly servers: readonly string[];
}

/** By the names of the commands. */
export function offersOf({ servers }: DiscoveredServers<"info">): Offer[] {
  const offered = servers.flatMap(({ server, commands }) =>
    commands.map((info) => ({ server, info }))
  );
  return [...Map.groupBy(offered, ({ info }) => info.name)].map(([name, all]) => {
    return { name, infos: all.map(({ info }) => info), servers: all.map(({ server }) => server) };
  }).sort((one, other) => one.name < other.name ? -1 : 1);
}

export function writeOffers(
  offers: readonly Offer[],
  { servers }: DiscoveredServers<"info">,
  output: Output,
): void {
  const columns = [
    { title: "command" },
    { title: "kind" },
    { title: "servers", align: "right" },
    { title: "summary", shrinks: true },
  ] as const;
  const rows = offers.map(({ name, infos: [info], servers: offering }) =>
    [
      name,
      info!.kind,
      `${offering.length} of ${servers.length}`,
      info!.summary ?? "",
    ].map(printableLine)
  );
  const [head = "", ...lines] = table(columns, rows, output.columns);
  output.line(output.paint(head, "faint"));
  for (const line of lines) output.line(output.paint(line));
  for (const { server, commandsOmitted: more } of servers) {
    if (more) output.note(output.paint(`${server} offers ${more} more: a record holds no more`));
  }
}
