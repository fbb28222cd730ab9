/**
 * A command-line tool for those who run servers and clients: it looks at a cluster, calls commands,
 * follows calls. `deno run -A jsr:@kafka-rpc/deno/cli --help` lists its commands, and docs/cli.md
 * explains them.
 *
 * @module
 */
import { onShutdownSignal } from "../server/shutdown_signal.ts";
import { parseArguments } from "./arguments.ts";
import type { Command, Invocation } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { connectionOf } from "./connection.ts";
import { CONNECTION_FLAGS } from "./connection_flags.ts";
import { EXIT, exitCodeOf } from "./exit_code.ts";
import { commandHelp, COMMON_FLAGS, programHelp } from "./help.ts";
import { Output, type Sink, terminalSink } from "./output.ts";
import type { RpcError } from "../wire/errors.ts";
import { unknownName, UsageError } from "./usage_error.ts";

const DEFAULT_COLUMNS = 80;

/** Does what a command line asks for; resolves with the exit code. */
async function run(args: readonly string[], sink: Sink, signal: AbortSignal): Promise<number> {
  const [name = "--help", ...rest] = args;
  const columns = sink.columns ?? DEFAULT_COLUMNS;
  const isJson = args.includes("--json");
  const output = new Output(sink, { json: isJson });
  try {
    if (name === "--help" || name === "-h" || name === "help") {
      output.line(programHelp(COMMANDS, columns));
      return EXIT.ok;
    }
    const command = COMMANDS.find((one) => one.name === name);
    if (command === undefined) {
      throw unknownName("command", name, COMMANDS.map((one) => one.name));
    }
    const given = parseArguments(rest, { ...CONNECTION_FLAGS, ...COMMON_FLAGS, ...command.flags });
    if (given.flag("help")) {
      output.line(commandHelp(command, columns));
      return EXIT.ok;
    }
    checkOperands(command, given.positionals.length);
    const connection = connectionOf(given, new Map(Object.entries(Deno.env.toObject())));
    return await runToEnd(command, { args: given, connection, output, signal });
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    return report(error, output);
  }
}

/** Ctrl-C may come wherever the command waits. */
async function runToEnd(command: Command, invocation: Invocation): Promise<number> {
  const { args, signal } = invocation;
  const { isEndless } = command;
  const endsSo = typeof isEndless === "function" ? isEndless(args) : isEndless;
  try {
    const code = await command.run(invocation);
    return signal.aborted && !endsSo ? EXIT.interrupted : code;
  } catch (error) {
    if (signal.aborted && endsSo) return EXIT.ok;
    throw error;
  }
}

function checkOperands({ name, operands, operandCount }: Command, count: number): void {
  const [fewest, most] = operandCount;
  if (count >= fewest && count <= most) return;
  const problem = count < fewest ? "something is missing" : "there is too much";
  throw new UsageError(
    `Cannot run ${name}: ${problem}. Write: rpc ${`${name} ${operands}`.trim()}`,
  );
}

/** Says what a command threw, and gives the exit code for it. */
function report(error: unknown, output: Output): number {
  const message = messageOf(error);
  if (output.isJson) {
    const { code, stage, id, details } = Object(error) as Record<string, unknown>;
    const shown = { code: code ?? "usage", message, stage, id, details };
    output.value({ ok: false, error: shown });
  } else output.note(output.paint(message, "red"));
  return exitCodeOf(error);
}

/**
 * What is said of topics that are missing names an option that this program does not have. What has
 * the id of a call is the text of its command.
 */
function messageOf(error: unknown): string {
  const { message = String(error), code, id, details } = Object(error) as RpcError;
  const { topics } = Object(details) as { topics?: unknown };
  const isOfTopics = id === undefined && code === "failed_precondition" && Array.isArray(topics);
  if (!isOfTopics) return message;
  return `Cannot use the topics ${
    topics.join(", ")
  }: not there. Correct --topic, or create them by ` +
    "`rpc topics create`.";
}

if (import.meta.main) {
  const ending = new AbortController();
  onShutdownSignal(() => ending.abort());
  const sink = terminalSink(() => ending.abort());
  Deno.exit(await run(Deno.args, sink, ending.signal));
}
