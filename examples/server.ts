// deno run --allow-env=KAFKA_BROKERS --allow-net=127.0.0.1:9092 --allow-run=deno examples/server.ts
/**
 * Serves commands.ts, and evaluates expressions, until Ctrl-C.
 * An argument names another topic than `commands`.
 *
 * @module
 */
import { serve } from "@kafka-rpc/deno";

await using server = await serve({
  commands: new URL("./commands.ts", import.meta.url),
  // Every program that may write to the topic may then run code here: leave it out otherwise.
  evaluate: true,
  topic: Deno.args[0],
});
await server.finished;
