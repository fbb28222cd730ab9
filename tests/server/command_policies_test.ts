// How commands are to be run: what counts of the contract, the options and the limits.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { command } from "../../src/contract/command.ts";
import { CommandPolicies } from "../../src/server/command_policies.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { Counter } from "./counter.ts";

const limits = { timeoutMs: 1_000, queueMs: 1_000, requestBytes: 1_000 };

Deno.test("a contract's policy counts within the limits of the server", () => {
  const declared = [["add", { timeoutMs: 5, limits: { requestBytes: 5_000 } }]] as const;
  const { timeoutMs, requestBytes } = new CommandPolicies({ limits, declared }).of("add");
  assertEquals([timeoutMs, requestBytes], [5, 1_000]);
});

Deno.test("what the server chooses counts before the contract, part by part", () => {
  const declared = [["add", { timeoutMs: 5, priority: 1, limits: { queueMs: 7 } }]] as const;
  const chosen = { add: { timeoutMs: 9, limits: { requestBytes: 8 } } };
  const { timeoutMs, priority, queueMs, requestBytes } = new CommandPolicies({
    limits,
    declared,
    chosen,
  }).of("add");
  assertEquals([timeoutMs, priority, queueMs, requestBytes], [9, 1, 7, 8]);
});

Deno.test("a command without a policy has the limits of the server", () => {
  assertEquals(new CommandPolicies({ limits }).of("__proto__").timeoutMs, 1_000);
});

const slow = command({ timeoutMs: 5 }, () => new Promise<void>(() => {}));
const refused = (options: ServeOptions) => assertRejects(() => Counter.open(options), RpcError);

Deno.test("a command is ended after the time of its contract", async () => {
  await using counter = await Counter.open({ commands: { slow } });
  assertEquals((await counter.ask("slow")).status, "deadline_exceeded");
});

Deno.test("policies of the server hold for a plain function too", async () => {
  await using counter = await Counter.open({
    commands: { slow: () => new Promise<void>(() => {}) },
    policies: { slow: { timeoutMs: 5 } },
  });
  assertEquals((await counter.ask("slow")).status, "deadline_exceeded");
});

Deno.test("an input larger than the policy of its command allows is refused", async () => {
  await using counter = await Counter.open({
    commands: { echo: (text: unknown) => text },
    policies: { echo: { limits: { requestBytes: 5 } } },
  });
  assertEquals((await counter.ask("echo", "longer")).status, "resource_exhausted");
});

Deno.test("a policy of a command that is not there is refused with the one that was meant", async () => {
  const { message } = await refused({ commands: { slow }, policies: { slwo: {} } });
  assertStringIncludes(message, 'there is no command "slwo". Did you mean `slow`?');
});

Deno.test("a policy that can't be right is refused by its path", async () => {
  const { message } = await refused({ commands: { slow }, policies: { slow: { priority: 101 } } });
  assertStringIncludes(message, "`policies.slow`");
});
