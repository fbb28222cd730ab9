/**
 * What the commands take, give and fail with: the one file that server and clients share.
 *
 * @module
 */
import { contract } from "@kafka-rpc/deno/command";
import { z } from "zod";

const Pair = z.object({ a: z.number(), b: z.number() });

/** The contract. */
export const math = contract({
  divide: {
    input: Pair,
    output: z.number(),
    errors: { out_of_range: z.object({ divisor: z.number() }) },
    summary: "Divides a by b.",
  },
  primes: {
    input: z.object({ below: z.number().int().max(10_000) }),
    output: z.number().int(),
    stream: true,
    summary: "The primes below a number, one after the other.",
  },
  mean: { input: z.array(z.number()).min(1), output: z.number(), summary: "The arithmetic mean." },
});
