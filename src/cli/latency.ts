// `latency`: how long calls take at a rate, and how that is spread.
import { connect } from "../client/client.ts";
import { makeCalls, type Tally, writeSummary } from "./call_many.ts";
import { callOptions, clientOptions, METADATA_FLAG } from "./call_options.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { readInput } from "./input.ts";
import { duration, grouped } from "./layout.ts";
import type { Output } from "./output.ts";

const DEFAULT_RATE = 50;
const DEFAULT_MS = 10_000;
/** The first calls pay for connections and compilers. */
const WARM_UP_CALLS = 20;
const BAR_COLUMNS = 50;

export const latency: Command = {
  name: "latency",
  summary:
    "Calls a command at a rate, whatever becomes of the calls before, and shows how long they took.",
  operands: "NAME [INPUT]",
  operandCount: [1, 2],
  flags: {
    rate: { value: "N", help: "calls a second; default: 50" },
    duration: { value: "TIME", help: "default: 10s" },
    timeout: { value: "TIME", help: "wait for each call at most; default: 30s" },
    metadata: METADATA_FLAG,
  },
  async run({ args, connection, output, signal }) {
    const [command = "", operand] = args.positionals;
    const rate = args.number("rate", { to: 100_000 }) ?? DEFAULT_RATE;
    const count = Math.ceil(rate * (args.duration("duration") ?? DEFAULT_MS) / 1_000);
    const options = { ...callOptions(args, signal), waitForServer: false };
    const input = await readInput(operand);
    await using client = await connect(clientOptions(connection, signal));
    const call = () => client.call(command, input, options);
    await makeCalls(call, { count: WARM_UP_CALLS, rate: undefined }, signal);
    const tally = await makeCalls(call, { count, rate }, signal);
    writeSummary(tally, output);
    if (!output.isJson) writeBars(tally, output);
    return tally.failed === 0 ? EXIT.ok : EXIT.failed;
  },
};

/** A bar a bucket, from the first to the last that has any. */
function writeBars({ buckets }: Tally, output: Output): void {
  const entries = [...buckets];
  const first = entries.findIndex(([, count]) => count > 0);
  const last = entries.findLastIndex(([, count]) => count > 0);
  if (first < 0) return;
  const most = Math.max(...buckets.values());
  output.line();
  for (const [end, count] of entries.slice(first, last + 1)) {
    const label = end === Infinity ? "more" : `≤ ${duration(end)}`;
    const bar = "█".repeat(Math.ceil(count / most * BAR_COLUMNS));
    output.line(`${label.padStart(10)}  ${bar}${bar === "" ? "" : " "}${grouped(count)}`);
  }
}
