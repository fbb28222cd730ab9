// `describe`: all that servers say of one command.
import { connect } from "../../client/client.ts";
import type { CommandInfo } from "../../wire/discovery.ts";
import { RpcError } from "../../wire/errors.ts";
import { didYouMean } from "../../options/check.ts";
import { suggest } from "../../options/suggest.ts";
import { clientOptions } from "../call_options.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { duration, grouped, wrap } from "../layout.ts";
import { jsonLines } from "../json_lines.ts";
import type { Output } from "../output.ts";
import { ASK_FLAGS, askServers, noteAbsent } from "./ask.ts";
import { type Offer, offersOf } from "./ls.ts";

export const describe: Command = {
  name: "describe",
  summary: "Says what a command takes, gives and fails with, its limits, and who offers it.",
  operands: "NAME",
  operandCount: [1, 1],
  flags: ASK_FLAGS,
  async run(invocation) {
    const { args, connection, output, signal } = invocation;
    const [name = ""] = args.positionals;
    await using client = await connect(clientOptions(connection, signal));
    const found = await askServers(client, "info", invocation);
    const offers = offersOf(found);
    const offer = offers.find((one) => one.name === name);
    noteAbsent(found, output);
    if (offer === undefined) throw unknown(name, offers);
    const versions = versionsOf(offer);
    if (output.isJson) output.value({ name, versions });
    else versions.forEach((version) => writeVersion(version, output, versions.length > 1));
    return EXIT.ok;
  },
};

/** Those that all say the same. */
export interface Version {
  readonly info: CommandInfo;
  readonly servers: readonly string[];
}

/** What servers say of a command; one version where they agree. */
export function versionsOf({ infos, servers }: Offer): Version[] {
  const all = infos.map((info, at) => ({ info, server: servers[at]!, text: JSON.stringify(info) }));
  return [...Map.groupBy(all, ({ text }) => text).values()].map((group) => {
    return { info: group[0]!.info, servers: group.map(({ server }) => server) };
  });
}

function unknown(name: string, offers: readonly Offer[]): RpcError {
  const names = offers.map((one) => one.name);
  const advice = didYouMean(suggest(name, names), "") ?? "`rpc ls` lists those there are.";
  const reason = `no server offers ${JSON.stringify(name)}`;
  return new RpcError("not_found", `Cannot describe the command: ${reason}. ${advice}`);
}

const INDENT = 16;
const MOST_COLUMNS = 120;

export function writeVersion({ info, servers }: Version, output: Output, isOneOf = false): void {
  const { name, kind, summary, omitted, input, output: gives, errors = {} } = info;
  const width = Math.max(40, Math.min(output.columns, MOST_COLUMNS));
  const heading = `${name}${kind === "stream" ? ", a stream of values" : ""}`;
  output.line(output.paint(heading, "bold"));
  for (const line of summary === undefined ? [] : wrap(summary, width)) {
    output.line(output.paint(line));
  }
  if (isOneOf) output.line(output.paint("Servers differ; this is what these say.", "yellow"));
  const fact = (title: string, text: string) =>
    wrap(text, width - INDENT).forEach((line, at) =>
      output.line(
        `${output.paint((at === 0 ? title : "").padEnd(INDENT), "faint")}${output.paint(line)}`,
      )
    );
  fact("offered by", servers.join(", "));
  fact(
    "may run",
    `${duration(info.timeoutMs)}, after ${duration(info.queueMs)} of waiting at most`,
  );
  fact("input", `${grouped(info.requestBytes)} bytes at most`);
  if (info.concurrency !== undefined) fact("concurrency", `${info.concurrency} at a time`);
  if (info.priority !== 0) fact("priority", String(info.priority));
  fact("idempotent", info.idempotent ? "yes: it may run twice" : "no");
  if (omitted !== undefined) fact("schemas", omitted);
  const schemas = [
    ["takes", input],
    ["gives", gives],
    ...Object.entries(errors).map(([code, schema]) => [`${code} has`, schema] as const),
  ] as const;
  for (const [title, schema] of schemas) {
    if (schema === undefined) continue;
    output.line();
    output.line(output.paint(title, "faint"));
    jsonLines(schema, width - 2).forEach((line) => output.line(`  ${output.paint(line)}`));
  }
}
