// deno run -A examples/validated/client.ts
/**
 * Calls the commands of server.ts by their contract alone. An argument names another topic than
 * `commands`.
 *
 * @module
 */
import { connect, RpcError } from "@kafka-rpc/deno";
import { isErrorOf } from "@kafka-rpc/deno/command";
import { math } from "./math.ts";

await using client = await connect({ contract: math, topic: Deno.args[0] });

// The compiler knows the contract: a wrong name or input does not compile, and `third` is a number.
const third = await client.call("divide", { a: 1, b: 3 });
console.log("a third:", third.toFixed(3));

const primes: number[] = [];
for await (const prime of client.stream("primes", { below: 20 })) primes.push(prime);
console.log("primes:", primes.join(" "));

try {
  await client.call("divide", { a: 1, b: 0 });
} catch (error) {
  if (!isErrorOf(math.divide, error)) throw error;
  console.log("divide:", error.code, "| divisor:", error.details.divisor);
}

try {
  await client.call("mean", JSON.parse('[1, "2"]'));
} catch (error) {
  if (!(error instanceof RpcError)) throw error;
  console.log("mean:", error.code, "| stage:", error.stage, "|", error.message);
}
