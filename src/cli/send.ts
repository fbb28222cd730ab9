// `send`: a one-way call.
import { connect } from "../client/client.ts";
import { callOptions, clientOptions, METADATA_FLAG } from "./call_options.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { readInput } from "./input.ts";

export const send: Command = {
  name: "send",
  summary: "Sends a one-way call: done when the cluster has it, whether a server listens or not.",
  operands: "NAME [INPUT]",
  operandCount: [1, 2],
  flags: {
    "ttl": { value: "TIME", help: "it is not started later than this; default: no limit" },
    "timeout": { value: "TIME", help: "wait for the cluster at most; default: 30s" },
    "idempotency-key": { value: "KEY", help: "a call with the same key is the same call" },
    "metadata": METADATA_FLAG,
  },
  async run({ args, connection, output, signal }) {
    const [command = "", operand] = args.positionals;
    const { timeoutMs, metadata } = callOptions(args, signal);
    const idempotencyKey = args.text("idempotency-key");
    const ttlMs = args.duration("ttl");
    const input = await readInput(operand);
    await using client = await connect(clientOptions(connection, signal));
    await client.send(command, input, { timeoutMs, metadata, idempotencyKey, ttlMs, signal });
    if (output.isJson) output.value({ ok: true });
    return EXIT.ok;
  },
};
