// Types of contracts: what is wrong here is an error of the compiler, which `deno test` reports.
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { assertEquals } from "@std/assert";
import { type Client, connect } from "../../src/client/client.ts";
import type {
  GivesStream,
  InputOf,
  ResultOf,
  UnaryInputOf,
  ValueOf,
} from "../../src/client/types.ts";
import { command, type CommandsOfContract, contract } from "../../src/contract/command.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { serve } from "../../src/server/server.ts";
import { silentLogger } from "../../src/logging/logger.ts";

/** True where two types are the same, and an error of the compiler at its use otherwise. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

const commands = {
  zod: command(
    { input: z.object({ n: z.string().transform(Number) }), output: z.number() },
    ({ n }) => {
      true satisfies Same<typeof n, number>;
      return n;
    },
  ),
  valibot: command({ input: v.object({ n: v.number() }) }, ({ n }) => n.toFixed()),
  arktype: command({ output: type("string[]") }, () => ["a"]),
  nothing: command({}, () => 1),
  stream: command({ input: z.string(), output: z.number() }, async function* (text) {
    yield await Promise.resolve(text.length);
  }),
  bare: command({}, async function* () {
    yield await Promise.resolve("a");
  }),
};
type Commands = typeof commands;

true satisfies Same<InputOf<Commands["zod"]>, { n: string }>;
true satisfies Same<ResultOf<Commands["zod"]>, number>;
true satisfies Same<InputOf<Commands["valibot"]>, { n: number }>;
true satisfies Same<ResultOf<Commands["valibot"]>, string>;
true satisfies Same<ResultOf<Commands["arktype"]>, string[]>;
true satisfies Same<ResultOf<Commands["nothing"]>, number>;
true satisfies Same<ValueOf<Commands["stream"]>, number>;
true satisfies Same<ValueOf<Commands["bare"]>, string>;

/** Not run: only its types count. */
export function wrongCommands(): void {
  // @ts-expect-error: the result is no number
  command({ output: z.number() }, () => "text");
  // @ts-expect-error: no property of the input is called `b`
  command({ input: z.object({ a: z.number() }) }, ({ b }) => b);
  // @ts-expect-error: no contract has that property
  command({ inptu: z.number() }, () => 1);
  // @ts-expect-error: the contract says that it gives a number
  command(shared.divide, () => "text");
  // @ts-expect-error: the contract says that it is a stream
  command(shared.ticks, () => 1);
  // @ts-expect-error: the contract says that each value is a number
  command(shared.ticks, async function* () {
    yield await Promise.resolve("text");
  });
}

const shared = contract({
  divide: { input: z.object({ a: z.number(), b: z.number() }), output: z.number() },
  now: { output: z.string() },
  ticks: { input: z.number(), output: z.number(), stream: true },
});
type Shared = CommandsOfContract<typeof shared>;
true satisfies Same<InputOf<Shared["divide"]>, { a: number; b: number }>;
true satisfies Same<ResultOf<Shared["divide"]>, number>;
true satisfies Same<ResultOf<Shared["now"]>, string>;
true satisfies Same<InputOf<Shared["ticks"]>, number>;
true satisfies Same<ValueOf<Shared["ticks"]>, number>;
true satisfies Same<UnaryInputOf<Shared["divide"]>, { a: number; b: number }>;
true satisfies Same<GivesStream<() => never>, false>;

command(shared.divide, ({ a, b }) => a / b);
/** Not run: only its types count. */
export async function wrongCalls(client: Client<Shared>): Promise<void> {
  // @ts-expect-error: `b` is missing
  await client.call("divide", { a: 1 });
  // @ts-expect-error: there is no such command
  await client.call("divde", { a: 1, b: 2 });
  // @ts-expect-error: it is a stream
  await client.call("ticks", 2);
  for await (const tick of client.stream("ticks", 2)) tick satisfies number;
}

Deno.test("a contract types the client, and its commands answer", async () => {
  const broker = new MemoryBroker();
  const logger = silentLogger;
  await using _server = await serve({
    commands: {
      divide: command(shared.divide, ({ a, b }) => a / b),
      ticks: command(shared.ticks, async function* (to) {
        for (let n = 0; n < to; n++) yield await Promise.resolve(n);
      }),
    },
    transport: broker.transport(),
    logger,
  });
  await using client = await connect({
    contract: shared,
    transport: broker.transport(),
    logger,
  });
  assertEquals(await client.call("divide", { a: 6, b: 2 }) satisfies number, 3);
  assertEquals(await Array.fromAsync(client.stream("ticks", 2)) satisfies number[], [0, 1]);
});
