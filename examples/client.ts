// deno run --allow-env=KAFKA_BROKERS --allow-net=127.0.0.1:9092 examples/client.ts
/**
 * Calls the commands of server.ts: results, and the two ways a call fails.
 * An argument names another topic than `commands`.
 *
 * @module
 */
import { connect, RpcError } from "@kafka-rpc/deno";
import type { Calculator } from "./shared_types.ts";

await using client = await connect<Calculator>({ topic: Deno.args[0], timeoutMs: 5_000 });

// The compiler knows the commands: a wrong name or input does not compile, and `sum` is a number.
const sum = await client.call("add", { a: 1, b: 2 });
console.log("add:", sum);

// Many calls at once share requests to the broker.
const inputs = Array.from({ length: 10 }, (_, a) => ({ a, b: 1 }));
console.log("ten at once:", await Promise.all(inputs.map((pair) => client.call("add", pair))));

try {
  await client.call("divide", { a: 1, b: 0 });
} catch (error) {
  if (!(error instanceof RpcError)) throw error;
  console.log("divide by 0:", error.code, "|", error.message);
}

try {
  await client.call("wait", { milliseconds: 60_000 }, { timeoutMs: 500 });
} catch (error) {
  if (!(error instanceof RpcError)) throw error;
  console.log("wait too long:", error.code, "| stage:", error.stage);
}
