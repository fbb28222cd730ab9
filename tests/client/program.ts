/**
 * Programs of users, for the compiler and the language server.
 *
 * @module
 */

/** The configuration of this project, by which their imports are found. */
export const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** A program with a typed client and a typed `call` around a line of the test's. */
export function program(line: string): string {
  return `import { type Client, connect, typedCall } from "@kafka-rpc/deno";
import { command, contract } from "@kafka-rpc/deno/command";
import { z } from "zod";
class Person {
  name = "Ada";
  greet(): string {
    return this.name;
  }
}
interface Commands {
  add(input: { a: number; b: number }): number;
  now(): Date;
  at(input: { when: Date }): number;
  later(input: { when: Date[] }[]): number;
  big(input: bigint): string;
  map(input: Map<string, number>): number;
  set(input: Set<string>): number;
  greet(input: Person): string;
  tail(input: string): AsyncGenerator<string>;
  inside(input: { bytes: Uint8Array }): number;
}
export const call = typedCall<Commands>();
declare const client: Client<Commands>;
const shared = contract({
  divide: { input: z.object({ a: z.number(), b: z.number() }), output: z.number() },
  primes: { input: z.number(), output: z.number(), stream: true },
});
export const divide = command(shared.divide, ({ a, b }) => a / b);
const math = await connect({ contract: shared });
export const person = new Person();
${line}
export const result: Promise<number> = client.call("add", { a: 1, b: 2 });
`;
}
