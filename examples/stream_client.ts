// deno run --allow-env=KAFKA_BROKERS --allow-net=127.0.0.1:9092 examples/stream_client.ts
/**
 * Takes the values of a stream of server.ts, with a progress bar in the terminal; then leaves one
 * before its end. An argument names another topic than `commands`.
 *
 * @module
 */
import { connect } from "@kafka-rpc/deno";
import type { Calculator } from "./shared_types.ts";

await using client = await connect<Calculator>({ topic: Deno.args[0] });
const encoder = new TextEncoder();

/** Writes over the line before; each on a line of its own where it is no terminal. */
function show(done: number, all: number): void {
  const bar = "█".repeat(done).padEnd(all, "░");
  const [before, behind] = Deno.stdout.isTerminal() ? ["\r", done === all ? "\n" : ""] : ["", "\n"];
  Deno.stdout.writeSync(encoder.encode(`${before}${bar} ${done}/${all}${behind}`));
}

const from = 20;
// Each `left` is a number: the compiler knows what the generator yields.
for await (const left of client.stream("countdown", { from })) show(from - left + 1, from);

// Leaving the loop cancels the command: nothing counts on for nobody.
for await (const left of client.stream("countdown", { from: 1_000 })) {
  if (left === 998) break;
}
console.log("left the second one at 998");
