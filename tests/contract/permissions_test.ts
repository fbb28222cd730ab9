// What contracts say that commands need, against what a server grants.
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { command } from "../../src/contract/command.ts";
import { silentLogger as logger } from "../../src/logging/logger.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { serve } from "../../src/server/server.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { Counter } from "../server/counter.ts";
import { prices } from "./fixtures/needs.ts";

const module = new URL("./fixtures/needs.ts", import.meta.url);
const NEED = 'the contract of its command "prices" needs { net: ["prices.example:443"] }';

/** What a server that can't start is refused with. */
async function refusal(options: ServeOptions): Promise<string> {
  const start = () => serve({ ...options, logger, transport: new MemoryBroker().transport() });
  const { code, message } = await assertRejects(start, RpcError);
  return `${code}: ${message}`;
}

Deno.test("a server that does not grant what a command needs does not start", async () => {
  const text = await refusal({ commands: module, concurrency: 1 });
  assertStringIncludes(text, NEED);
  assertStringIncludes(text, "failed_precondition");
});

Deno.test("a permission for something else is not enough", async () => {
  const permissions = { net: ["prices.example:80"], read: true };
  assertStringIncludes(await refusal({ commands: module, concurrency: 1, permissions }), NEED);
});

Deno.test("a server that grants more than a command needs starts", async () => {
  const permissions = { net: ["prices.example"] };
  await using counter = await Counter.open({ commands: module, concurrency: 1, permissions });
  assertEquals((await counter.ask("prices")).value, true);
});

Deno.test({
  name: "in process a command needs what the program has",
  permissions: { net: false, env: "inherit", read: "inherit" },
  fn: async () => assertStringIncludes(await refusal({ commands: { prices } }), NEED),
});

for (
  const [what, permissions, text] of [
    ["an unknown name", { nett: true }, 'has "nett", which is not one of net, env,'],
    ["an empty host", { net: [""] }, "has `net`, which is neither a boolean nor a list of names"],
    ["no object", true, "`permissions` is no object"],
  ] as const
) {
  Deno.test(`needs that can't be right are refused: ${what}`, () => {
    const make = () => command({ permissions: permissions as never }, () => 1);
    assertStringIncludes(assertThrows(make, RpcError).message, text);
  });
}
