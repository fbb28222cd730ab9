// Types of calls: what is wrong here is an error of the compiler, which `deno test` reports.
import { assertEquals } from "@std/assert";
import { type Client, connect } from "../../src/client/client.ts";
import type { InputOf, Received, ResultOf, ReturnOf, ValueOf } from "../../src/client/types.ts";
import type { CommandContext } from "../../src/executor/executor.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";

/** True where two types are the same, and an error of the compiler at its use otherwise. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

interface Person {
  name: string;
  born: Date;
  greet(): string;
}

const commands = {
  add: ({ a, b }: { a: number; b: number }) => a + b,
  now: () => new Date(),
  later: (text: string, _context: CommandContext) => Promise.resolve(text.length),
  maybe: (n?: number) => n,
  find: (_name: string) => ({} as Person),
  raw: (_: null) => Uint8Array.of(1),
  async *dates(_: number) {
    yield new Date();
    return { n: 1 };
  },
  version: "1.0",
};
type Commands = typeof commands;

true satisfies Same<InputOf<Commands["add"]>, { a: number; b: number }>;
true satisfies Same<InputOf<Commands["now"]>, undefined>;
true satisfies Same<InputOf<Commands["later"]>, string>;
true satisfies Same<ResultOf<Commands["add"]>, number>;
true satisfies Same<ResultOf<Commands["now"]>, string>;
true satisfies Same<ResultOf<Commands["later"]>, number>;
true satisfies Same<ValueOf<Commands["dates"]>, string>;
true satisfies Same<ReturnOf<Commands["dates"]>, { n: number }>;
true satisfies Same<ValueOf<Commands["later"]>, number>;
true satisfies Same<InputOf<Commands["dates"]>, number>;
true satisfies Same<Received<Date>, string>;
true satisfies Same<Received<boolean>, boolean>;
true satisfies Same<Received<Date | null>, string | null>;
true satisfies Same<Received<{ at: Date }[]>, { at: string }[]>;
true satisfies Same<Received<void>, void>;
true satisfies Same<Received<{ big: bigint }>, { big: never }>;
true satisfies Same<ResultOf<Commands["raw"]>, Uint8Array>;

declare const person: ResultOf<Commands["find"]>;

/** Never run: what the compiler says of it is the test. */
export async function typed(client: Client<Commands>): Promise<void> {
  (await client.call("add", { a: 1, b: 2 })) satisfies number;
  (await client.call("later", "text", { timeoutMs: 5 })) satisfies number;
  (await client.call("now")) satisfies string;
  (await client.call("now", undefined, { timeoutMs: 5 })) satisfies string;
  (await client.call("maybe")) satisfies number | undefined;
  (await client.call("eval", "1 + 1")) satisfies unknown;
  (await client.call("raw", null)) satisfies Uint8Array;
  person.born satisfies string;
  person.greet satisfies never;

  // @ts-expect-error: b is missing
  await client.call("add", { a: 1 });
  // @ts-expect-error: the input is missing
  await client.call("add");
  // @ts-expect-error: there is no such command
  await client.call("subtract", { a: 1, b: 2 });
  // @ts-expect-error: a constant is no command
  await client.call("version");
  // @ts-expect-error: the result is no string
  (await client.call("add", { a: 1, b: 2 })) satisfies string;
  // @ts-expect-error: now takes no input
  await client.call("now", 5);
  // @ts-expect-error: an expression is text
  await client.call("eval", 5);
}

Deno.test("a typed client is the same client at run time", async () => {
  const transport = new MemoryBroker().transport();
  await using client: Client<Commands> = await connect<Commands>({ transport });
  assertEquals(client.counts.calls, 0);
});
