// `stats`: what servers have counted since they started.
import { connect } from "../../client/client.ts";
import type { DiscoveredServer, DiscoveredServers } from "../../client/found_servers.ts";
import { delay } from "../../async/delay.ts";
import { printableLine } from "../../logging/printable.ts";
import { clientOptions } from "../call_options.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { duration, grouped, table, wrap } from "../layout.ts";
import { LiveView } from "../live_view.ts";
import type { Output } from "../output.ts";
import { absentLines, ASK_FLAGS, askServers, isWhole, noteAbsent } from "./ask.ts";
import { quantile } from "./durations.ts";
import { partitionsText, quantileText } from "./text.ts";
import { watch, WATCH_FLAGS } from "./watch.ts";

export const stats: Command = {
  name: "stats",
  summary: "Shows what each server has counted since it started, by command.",
  operands: "",
  operandCount: [0, 0],
  isEndless: (args) => args.flag("watch"),
  flags: {
    ...ASK_FLAGS,
    watch: { help: "again and again, until Ctrl-C" },
    ...WATCH_FLAGS,
  },
  async run(invocation) {
    const { args, connection, output, signal } = invocation;
    await using client = await connect(clientOptions(connection, signal));
    const ask = () => askServers(client, "stats", invocation);
    if (!args.flag("watch")) {
      const found = await ask();
      write(found, output);
      noteAbsent(found, output);
      return isWhole(found) ? EXIT.ok : EXIT.failed;
    }
    const pause = (milliseconds: number) => delay(milliseconds, { signal });
    using view = new LiveView(output);
    let left = args.number("count") ?? Infinity;
    for await (const { found, failure } of watch(args, { ask, pause, signal })) {
      if (output.isJson) {
        if (found === undefined) output.value({ ok: false, error: failure });
        else write(found, output);
      } else {
        const absent = found === undefined
          ? [output.paint(failure.message, "red")]
          : absentLines(found, output);
        view.draw([...found === undefined ? [] : statsLines(found, output), ...absent]);
      }
      if (--left <= 0) break;
    }
    return EXIT.ok;
  },
};

function write(found: DiscoveredServers<"stats">, output: Output): void {
  if (output.isJson) found.servers.forEach((server) => output.value(server));
  else statsLines(found, output).forEach((line) => output.line(line));
}

/** A heading and a table for each server. */
export function statsLines(found: DiscoveredServers<"stats">, output: Output): string[] {
  return found.servers.flatMap((server, at) => {
    return [...at === 0 ? [] : [""], ...serverLines(server, output)];
  });
}

const COLUMNS = [
  { title: "command", shrinks: true },
  { title: "ok", align: "right" },
  { title: "failed", align: "right" },
  { title: "running", align: "right" },
  { title: "p50", align: "right" },
  { title: "p99", align: "right" },
  { title: "last error", shrinks: true },
] as const;

function serverLines(server: DiscoveredServer<"stats">, output: Output): string[] {
  const { host, state, uptimeMs, partitions, memory, commands, commandsOmitted } = server;
  const facts = [
    ...host === undefined ? [] : [`on ${host}`],
    state,
    `up ${duration(uptimeMs)}`,
    `partitions ${partitionsText(partitions)}`,
    `${grouped(Math.round(memory.rss / 2 ** 20))} MiB`,
    ...commandsOmitted ? [`${commandsOmitted} commands more`] : [],
  ];
  const id = printableLine(server.server);
  const heading = wrap(`${id}, ${printableLine(facts.join(", "))}`, output.columns).map((
    line,
    at,
  ) =>
    at === 0
      ? output.paint(line.slice(0, id.length), "bold") + output.paint(line.slice(id.length))
      : output.paint(line)
  );
  const rows = commands.map(({ name, succeeded, failed, running, durations, lastError }) =>
    [
      name,
      grouped(succeeded),
      grouped(failed),
      String(running),
      quantileText(quantile(0.5, [durations])),
      quantileText(quantile(0.99, [durations])),
      lastError === undefined
        ? ""
        : `${lastError.code} ${timeOfDay(lastError.at)}: ${lastError.message}`,
    ].map(printableLine)
  );
  const [head = "", ...lines] = table(COLUMNS, rows, output.columns);
  return [...heading, output.paint(head, "faint"), ...lines.map((line) => output.paint(line))];
}

function timeOfDay(at: string): string {
  return new Date(at).toISOString().slice(11, 19);
}
