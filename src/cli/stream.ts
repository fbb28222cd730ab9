// `stream`: a command that gives its values one by one.
import { connect } from "../client/client.ts";
import { RpcError } from "../wire/errors.ts";
import { writeFailure } from "./call.ts";
import { callOptions, clientOptions, METADATA_FLAG } from "./call_options.ts";
import type { Command } from "./command.ts";
import { EXIT, exitCodeOf } from "./exit_code.ts";
import { readInput } from "./input.ts";

export const stream: Command = {
  name: "stream",
  summary: "Calls a command that is a generator, and prints its values as they come, one a line.",
  operands: "NAME [INPUT]",
  operandCount: [1, 2],
  flags: {
    "timeout": { value: "TIME", help: "wait for each value at most; default: 30s" },
    "total-timeout": { value: "TIME", help: "for all of them; default: no limit" },
    "count": { value: "N", help: "end after so many values: the command is canceled" },
    "metadata": METADATA_FLAG,
  },
  async run({ args, connection, output, signal }) {
    const [command = "", operand] = args.positionals;
    const { timeoutMs, metadata } = callOptions(args, signal);
    const totalTimeoutMs = args.duration("total-timeout");
    const most = args.number("count") ?? Infinity;
    const input = await readInput(operand);
    await using client = await connect(clientOptions(connection, signal));
    let count = 0;
    try {
      const options = { timeoutMs, totalTimeoutMs, metadata, signal };
      for await (const value of client.stream(command, input, options)) {
        output.value(value ?? null);
        if (++count >= most) break;
      }
      return EXIT.ok;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof RpcError)) throw error;
      if (output.isJson) output.value({ ok: false, error });
      else writeFailure(error, output);
      return exitCodeOf(error);
    }
  },
};
