// What there is, and how it is written.
import type { Flags } from "./arguments.ts";
import type { Command } from "./command.ts";
import { CONNECTION_FLAGS, PROFILE_FLAGS } from "./connection_flags.ts";
import { wrap } from "./layout.ts";

/** Flags that every command has. */
export const COMMON_FLAGS: Flags = {
  ...PROFILE_FLAGS,
  json: { help: "JSON, one value a line, in place of text" },
  help: { short: "h", help: "this text" },
};

const MOST_COLUMNS = 100;

/** The help of the whole program. */
export function programHelp(commands: readonly Command[], columns: number): string {
  const width = Math.min(columns, MOST_COLUMNS);
  const names = commands.map(({ name, operands }) => `${name} ${operands}`.trim());
  return [
    "Usage: rpc COMMAND [flags]",
    "",
    ...aligned(names, commands.map(({ summary }) => summary), width),
    "",
    ...wrap(
      "rpc COMMAND --help lists the flags of a command. Each of the connection may also be a " +
        "variable (KAFKA_BROKERS, KAFKA_RPC_TOPIC, …) or stand in a profile.",
      width,
    ),
    ...wrap(
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 unreachable, 4 refused, 130 interrupted.",
      width,
    ),
  ].join("\n");
}

/** The help of one command. */
export function commandHelp(command: Command, columns: number): string {
  const { name, operands, summary, flags } = command;
  const width = Math.min(columns, MOST_COLUMNS);
  return [
    `Usage: rpc ${`${name} ${operands}`.trim()} [flags]`,
    "",
    ...wrap(summary, width),
    "",
    ...flagLines({ ...flags, ...COMMON_FLAGS }, width),
    "",
    "Connection:",
    ...flagLines(CONNECTION_FLAGS, width),
  ].join("\n");
}

function flagLines(flags: Flags, width: number): string[] {
  const names = Object.entries(flags).map(([name, { value, short }]) =>
    `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`
  );
  return aligned(names, Object.values(flags).map(({ help }) => help), width);
}

/** Two columns, the second one wrapped. */
function aligned(left: readonly string[], right: readonly string[], width: number): string[] {
  const indent = Math.max(...left.map(({ length }) => length)) + 4;
  return left.flatMap((text, at) =>
    wrap(right[at]!, Math.max(20, width - indent)).map((line, index) =>
      (index === 0 ? `  ${text}` : "").padEnd(indent) + line
    )
  );
}
