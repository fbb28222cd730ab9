// What serve() says of commands that can't be served.
import { assertEquals, assertRejects } from "@std/assert";
import type { Isolation, ServeOptions } from "../../src/server/options.ts";
import { serverSettings } from "../../src/server/settings.ts";
import { serve } from "../../src/server/server.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { Counter } from "./counter.ts";

const fixture = (name: string) => new URL(`../executor/fixtures/${name}`, import.meta.url);

const UNSERVABLE: [string, string, string][] = [
  ["does not exist", "absent.ts", "absent.ts"],
  ["throws at import", "throws_at_import.ts", "no configuration"],
  ["exports nothing callable", "exports_nothing.ts", "exports no function"],
];
for (const isolation of ["worker", "process"] satisfies Isolation[]) {
  for (const [what, name, text] of UNSERVABLE) {
    Deno.test(`serve() rejects for a module that ${what}, with isolation ${isolation}`, async () => {
      const broker = new MemoryBroker();
      const options = { commands: fixture(name), isolation, logger: silentLogger };
      const error = await assertRejects(
        () => serve({ ...options, transport: broker.transport() }),
        RpcError,
        text,
      );
      assertEquals(error.code, "failed_precondition");
    });
  }

  Deno.test(`a module is served with isolation ${isolation}`, async () => {
    const options = { commands: fixture("commands.ts"), isolation, concurrency: 1 };
    await using counter = await Counter.open(options);
    assertEquals((await counter.ask("add", { a: 1, b: 2 })).value, 3);
  });

  Deno.test(`with isolation ${isolation} a command that crashes fails alone`, async () => {
    const options = { commands: fixture("commands.ts"), isolation, concurrency: 1 };
    await using counter = await Counter.open(options);
    const { status } = await counter.ask("crash");
    assertEquals([status, (await counter.ask("add", { a: 1, b: 2 })).value], ["unknown", 3]);
  });
}

Deno.test("an object without a function is refused with invalid_argument", async () => {
  const transport = new MemoryBroker().transport();
  const error = await assertRejects(
    () => serve({ commands: {}, logger: silentLogger, transport }),
    RpcError,
    "has no function",
  );
  assertEquals(error.code, "invalid_argument");
});

Deno.test("an imported module offers what its URL offers: neither default nor classes", async () => {
  const url = new URL(
    "data:text/javascript,export default () => 1; export class A {} export const a = () => 2;",
  );
  const module = await import(url.href);
  await using imported = await Counter.open({ commands: module });
  await using named = await Counter.open({ commands: url, isolation: "worker", concurrency: 1 });
  assertEquals([imported.server.commands, named.server.commands], [["a"], ["a"]]);
});

Deno.test("a function called eval beside `evaluate` is refused", async () => {
  const transport = new MemoryBroker().transport();
  const commands = { eval: () => 1 };
  await assertRejects(
    () => serve({ commands, evaluate: true, concurrency: 1, logger: silentLogger, transport }),
    RpcError,
    "Rename the function",
  );
});

Deno.test("commands and expressions are served side by side", async () => {
  await using counter = await Counter.open({
    commands: { ping: () => "pong" },
    evaluate: true,
    concurrency: 1,
  });
  const values = [(await counter.ask("ping")).value, (await counter.ask("eval", "1 + 1")).value];
  assertEquals(values, ["pong", 2]);
});

for (const isolation of ["realm", "process"] as const) {
  Deno.test(`expressions are evaluated with isolation ${isolation}, whatever they name`, async () => {
    await using counter = await Counter.open({ evaluate: { isolation }, concurrency: 1 });
    const values = [];
    for (const code of ["[1].at(0)", "typeof fetch"]) {
      values.push((await counter.ask("eval", code)).value);
    }
    assertEquals(values, [1, "function"]);
  });
}

Deno.test("expressions beside an object of functions have as many children as cores, not commands", () => {
  const { concurrency, sandboxes } = serverSettings({ commands: { a: () => 1 }, evaluate: true });
  assertEquals([concurrency, sandboxes], [100, Math.max(2, navigator.hardwareConcurrency)]);
});

const cores = Math.max(2, navigator.hardwareConcurrency);
const SIZES: [what: string, given: ServeOptions, concurrency: number, sandboxes: number][] = [
  ["nothing is given", {}, 64 * cores, cores],
  ["one call a sandbox", { callsPerSandbox: 1 }, cores, cores],
  ["50 commands, one a sandbox", { concurrency: 50, callsPerSandbox: 1 }, 50, 50],
  ["one command at a time", { concurrency: 1 }, 1, 1],
  ["more than the cores can hold", { concurrency: 10_000 }, 10_000, Math.ceil(10_000 / 64)],
];
for (const [what, given, concurrency, sandboxes] of SIZES) {
  Deno.test(`a module has ${sandboxes} sandboxes for ${concurrency} commands: ${what}`, () => {
    const settings = serverSettings({ commands: fixture("commands.ts"), ...given });
    assertEquals([settings.concurrency, settings.sandboxes], [concurrency, sandboxes]);
  });
}

Deno.test("expressions that wait in a sandbox for the one before them have slots, too", () => {
  const { sandboxes, expressions } = serverSettings({ commands: { a: () => 1 }, evaluate: true });
  assertEquals(expressions, 64 * sandboxes);
});

Deno.test("expressions that have a child each have a slot for each child", () => {
  const evaluate = { isolation: "process" } as const;
  const { sandboxes, expressions } = serverSettings({ commands: { a: () => 1 }, evaluate });
  assertEquals(expressions, sandboxes);
});

Deno.test("a signal aborts a start whose module never finishes loading", async () => {
  const commands = new URL(
    `data:text/javascript,await new Promise(() => setInterval(() => {}, 1e6))`,
  );
  const transport = new MemoryBroker().transport();
  const controller = new AbortController();
  const serving = serve({ commands, logger: silentLogger, transport, signal: controller.signal });
  const rejected = assertRejects(() => serving, TypeError, "enough");
  controller.abort(new TypeError("enough"));
  await rejected;
});
