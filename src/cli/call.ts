// `call`: calls a command, once or many times.
import type { Client } from "../client/client.ts";
import { connect } from "../client/client.ts";
import type { CallOptions } from "../client/call_options.ts";
import { RpcError } from "../wire/errors.ts";
import type { Receipt } from "../wire/receipt.ts";
import { callMany } from "./call_many.ts";
import { callOptions, clientOptions, METADATA_FLAG } from "./call_options.ts";
import type { Command, Invocation } from "./command.ts";
import { EXIT, exitCodeOf } from "./exit_code.ts";
import { readInput } from "./input.ts";
import { duration } from "./layout.ts";
import type { Output } from "./output.ts";
import { placeText } from "./record_text.ts";

export const call: Command = {
  name: "call",
  summary: "Calls a command, and prints its result as JSON. INPUT is JSON, - or @FILE.",
  operands: "NAME [INPUT]",
  operandCount: [1, 2],
  flags: {
    timeout: { value: "TIME", help: "wait for each call at most; default: 30s" },
    metadata: METADATA_FLAG,
    wait: { help: "where no server listens, wait for one until the timeout" },
    count: { value: "N", help: "so many calls, and a summary in place of their results" },
    rate: { value: "N", help: "so many calls a second, whatever becomes of those before" },
    verbose: { short: "v", help: "where the time went, on standard error" },
  },
  async run(invocation) {
    const { args, connection, signal } = invocation;
    const [command = "", operand] = args.positionals;
    const options = callOptions(args, signal);
    const count = args.number("count");
    const rate = args.number("rate", { to: 100_000 });
    const input = await readInput(operand);
    await using client = await connect(clientOptions(connection, signal));
    if (count === undefined && rate === undefined) {
      return await callOnce(client, { command, input, options }, invocation);
    }
    const make = () => client.call(command, input, options);
    return await callMany(make, { count: count ?? 1_000, rate }, invocation);
  },
};

interface OneCall {
  readonly command: string;
  readonly input: unknown;
  readonly options: CallOptions;
}

/** Makes one call and writes what came of it; resolves with the exit code. */
export async function callOnce(
  client: Client,
  { command, input, options }: OneCall,
  { args, output }: Pick<Invocation, "args" | "output">,
): Promise<number> {
  let receipt: Receipt | undefined;
  const onReceipt = (one: Receipt) => void (receipt = one);
  try {
    const result = await client.call(command, input, { ...options, onReceipt });
    if (output.isJson) output.value({ ok: true, result: result ?? null, receipt });
    else writeResult(result, output);
    return EXIT.ok;
  } catch (thrown) {
    if (!(thrown instanceof RpcError)) throw thrown;
    receipt ??= thrown.receipt;
    const error = withCommandLineAdvice(thrown, command);
    if (output.isJson) output.value({ ok: false, error, receipt });
    else writeFailure(error, output, { verbose: args.flag("verbose") });
    return exitCodeOf(error);
  } finally {
    if (args.flag("verbose") && receipt !== undefined && !output.isJson) {
      for (const line of receiptLines(receipt)) output.note(output.paint(line, "faint"));
    }
  }
}

/** A server says of a stream what a program does; here another command is what helps. */
function withCommandLineAdvice(error: RpcError, command: string): RpcError {
  const problem = `Cannot call "${command}": it is a stream.`;
  if (error.message !== `${problem} Use \`client.stream()\`.`) return error;
  return new RpcError(error.code, `${problem} Use \`rpc stream\`.`, error);
}

/** Code, stage and message of a call that failed; its id, for `trace`. */
export function writeFailure(
  { code, stage, message, id, details }: RpcError,
  output: Output,
  { verbose = false } = {},
): void {
  const from = stage === undefined ? "" : ` (${stage})`;
  output.note(`${output.paint(`${code}${from}:`, "red")} ${output.paint(message)}`);
  // A receipt has it too.
  if (id !== undefined && !verbose) output.note(output.paint(`id ${id}`, "faint"));
  if (details !== undefined && verbose) {
    output.note(output.paint(`details ${JSON.stringify(details)}`));
  }
}

function writeResult(result: unknown, output: Output): void {
  if (result === undefined) return;
  if (result instanceof Uint8Array) return output.value(result);
  output.line(output.paint(JSON.stringify(result, null, output.isTerminal ? 2 : undefined)));
}

function aheadText(ms: number): string {
  return `${duration(Math.abs(ms))} ${ms < 0 ? "behind" : "ahead"}`;
}

/** All that is known of a call, a line each. */
export function receiptLines(receipt: Receipt): string[] {
  const { request, reply, clockAheadMs: ahead, metadata } = receipt;
  const place = (one: Receipt["request"]) => one && placeText(one);
  const ms = (time: number | undefined) => time === undefined ? undefined : duration(time);
  const facts: [string, string | undefined][] = [
    ["id", receipt.id],
    ["attempt", String(receipt.attempt)],
    ["sent", receipt.sentAt === undefined ? undefined : new Date(receipt.sentAt).toISOString()],
    ["took", ms(receipt.totalMs)],
    ["acknowledged after", ms(receipt.acknowledgedMs)],
    ["waited at the server", ms(receipt.waitedMs)],
    ["ran", ms(receipt.runMs)],
    ["in transit", ms(receipt.transitMs)],
    ["server", receipt.server],
    ["server's clock", ahead === undefined ? undefined : aheadText(ahead)],
    ["request", place(request)],
    ["reply", place(reply)],
    ...Object.entries(metadata).map(([name, text]): [string, string] => [`metadata ${name}`, text]),
  ];
  return facts.flatMap(([name, text]) => text === undefined ? [] : [`${name.padEnd(21)}${text}`]);
}
