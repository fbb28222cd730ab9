/**
 * The commands: the compiler and the schemas hold them to their contract.
 *
 * @module
 */
import { command } from "@kafka-rpc/deno/command";
import { RpcError } from "@kafka-rpc/deno/errors";
import { math } from "./math.ts";

/** Divides a by b. */
export const divide = command(math.divide, ({ a, b }) => {
  if (b !== 0) return a / b;
  const text = "Cannot divide: the divisor is 0. Give another one.";
  throw new RpcError("out_of_range", text, { details: { divisor: b } });
});

/** The arithmetic mean. */
export const mean = command(
  math.mean,
  (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length,
);

/** The primes below a number: a stream. */
export const primes = command(math.primes, async function* ({ below }) {
  const found: number[] = [];
  for (let n = 2; n < below; n++) {
    if (found.some((prime) => n % prime === 0)) continue;
    found.push(n);
    yield n;
  }
});
