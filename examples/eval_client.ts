// deno run --allow-env=KAFKA_BROKERS --allow-net=127.0.0.1:9092 examples/eval_client.ts "1 + 1"
/**
 * Has a server with `evaluate: true` evaluate its arguments, or, without arguments, each line of
 * standard input: `seq 3 | deno run … examples/eval_client.ts`. Ends with 1 where one failed.
 *
 * @module
 */
import { type Client, connect, RpcError } from "@kafka-rpc/deno";
import { stdin } from "node:process";
import { createInterface } from "node:readline";

/** Evaluates one expression, and prints its value or why there is none. */
async function print(client: Client, expression: string): Promise<void> {
  try {
    const value = await client.call("eval", expression, { timeoutMs: 5_000 });
    // As in a console: "2" is a string, 2 is a number.
    console.log(Deno.inspect(value));
  } catch (error) {
    fail(error);
  }
}

/** A failed call is news for the user, anything else a bug of this program. */
function fail(error: unknown): void {
  if (!(error instanceof RpcError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  Deno.exitCode = 1;
}

/** Evaluates every expression, one after the other. */
async function main(): Promise<void> {
  await using client = await connect();
  for (const expression of Deno.args) await print(client, expression);
  if (Deno.args.length > 0) return;
  const terminal = Deno.stdin.isTerminal();
  if (terminal) console.error("One expression a line; Ctrl-D ends.");
  for await (const line of createInterface({ input: stdin })) {
    if (line.trim() !== "") await print(client, line);
  }
}

await main().catch(fail);
