// `top`: what servers do just now.
import { delay } from "../../async/delay.ts";
import { connect } from "../../client/client.ts";
import type { DiscoveredServer } from "../../client/found_servers.ts";
import { clientOptions } from "../call_options.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { LiveView } from "../live_view.ts";
import { openLog } from "../open_log.ts";
import { ASK_FLAGS, askServers } from "./ask.ts";
import { lagsOf } from "./lag.ts";
import { ratesBetween } from "./rates.ts";
import { topLines } from "./top_lines.ts";
import { watch, WATCH_FLAGS } from "./watch.ts";

export const top: Command = {
  name: "top",
  summary: "Shows what servers do just now: rates, times, errors and lag, until Ctrl-C.",
  operands: "",
  operandCount: [0, 0],
  isEndless: true,
  flags: { ...ASK_FLAGS, ...WATCH_FLAGS },
  async run(invocation) {
    const { args, connection, output, signal } = invocation;
    await using client = await connect(clientOptions(connection, signal));
    await using transport = await openLog(invocation);
    const ask = () => askServers(client, "stats", invocation);
    const pause = (milliseconds: number) => delay(milliseconds, { signal });
    using view = new LiveView(output);
    let before: readonly DiscoveredServer<"stats">[] | undefined;
    let left = args.number("count") ?? Infinity;
    for await (const { found, failure } of watch(args, { ask, pause, signal })) {
      const at = Date.now();
      if (found === undefined) {
        if (output.isJson) output.value({ at, ok: false, error: failure });
        else view.draw([output.paint(failure.message, "red")]);
        continue;
      }
      const { servers, missing, refused } = found;
      if (before !== undefined) {
        const lags = await lagsOf(transport.log, connection, signal);
        const rates = ratesBetween(before, servers, lags);
        const shown = { at, topic: connection.topic, missing, refused, ...rates };
        if (output.isJson) output.value(shown);
        else view.draw(topLines(shown, output));
        if (--left <= 0) break;
      } else if (output.isTerminal && !output.isJson) view.draw(["Counts what comes from now on."]);
      before = servers;
    }
    return EXIT.ok;
  },
};
