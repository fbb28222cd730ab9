// deno run -A examples/validated/server.ts
/**
 * Serves commands.ts until Ctrl-C. An argument names another topic than `commands`.
 *
 * @module
 */
import { serve } from "@kafka-rpc/deno";

await using server = await serve({
  commands: new URL("./commands.ts", import.meta.url),
  topic: Deno.args[0],
});
await server.finished;
