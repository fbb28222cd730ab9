// deno run --allow-env=KAFKA_BROKERS,BILLING_SECRET,SERVERS_SECRET --allow-net=127.0.0.1:9092 examples/signed/client.ts
/**
 * Calls the commands of server.ts with a signature, and takes signed replies alone; then without one.
 * An argument names another topic than `commands`.
 *
 * @module
 */
import { connect, RpcError } from "@kafka-rpc/deno";
import { secret } from "./keys.ts";

const common = { topic: Deno.args[0], verify: { "servers-1": secret("SERVERS_SECRET") } };
const sign = { keyId: "billing-1", key: secret("BILLING_SECRET") };

type Commands = typeof import("./commands.ts");
await using client = await connect<Commands>({ ...common, sign });
console.log("book:", await client.call("book", { invoice: "2026-001" }));

try {
  await client.call("close");
} catch (error) {
  if (!(error instanceof RpcError)) throw error;
  console.log("close:", error.code, "|", error.message);
}

await using stranger = await connect<Commands>(common);
try {
  await stranger.call("book", { invoice: "2026-002" });
} catch (error) {
  if (!(error instanceof RpcError)) throw error;
  console.log("without a signature:", error.code, "|", error.message);
}
