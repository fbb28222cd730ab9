// deno run --allow-env=KAFKA_BROKERS,BILLING_SECRET,SERVERS_SECRET --allow-net=127.0.0.1:9092 --allow-run=deno examples/signed/server.ts
/**
 * Serves commands.ts to callers that sign their requests, and signs its replies, until Ctrl-C.
 * An argument names another topic than `commands`.
 *
 * @module
 */
import { serve } from "@kafka-rpc/deno";
import { secret } from "./keys.ts";

await using server = await serve({
  commands: new URL("./commands.ts", import.meta.url),
  topic: Deno.args[0],
  verify: { "billing-1": { key: secret("BILLING_SECRET"), principal: "billing" } },
  sign: { keyId: "servers-1", key: secret("SERVERS_SECRET") },
  authorize: (principal, { command }) => principal === "billing" && command !== "close",
});
await server.finished;
