import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { RpcError } from "../../src/wire/errors.ts";
import { ManualClock } from "../manual_clock.ts";
import { within } from "../within.ts";
import { Arena } from "./arena.ts";

const fixture = (name: string) => new URL(name, new URL("./fixtures/", import.meta.url));

Deno.test("a module in TypeScript runs, with its own imports and its state", async () => {
  await using arena = await Arena.open({ module: fixture("stateful.ts"), size: 1 });
  assertEquals(await arena.run(undefined, { command: "count" }), "ok: 1");
  assertEquals(await arena.run(undefined, { command: "count" }), "ok: 2");
});

Deno.test("a module that never yields is replaced, and its state begins anew", async () => {
  await using arena = await Arena.open({ module: fixture("stateful.ts"), size: 1 });
  await arena.run(undefined, { command: "count" });
  assertMatch(
    await arena.run(undefined, { command: "loop", timeoutMs: 300 }),
    /^deadline_exceeded/,
  );
  assertEquals(await arena.run(undefined, { command: "count" }), "ok: 1");
});

Deno.test("a command that heeds its signal keeps its child", async () => {
  await using arena = await Arena.open({ module: fixture("stateful.ts"), size: 1 });
  // The grace after the deadline does not end: the child may be slow.
  using _clock = new ManualClock();
  await arena.run(undefined, { command: "count" });
  assertMatch(
    await arena.run(undefined, { command: "heed", timeoutMs: 300 }),
    /^deadline_exceeded/,
  );
  assertEquals(await arena.run(undefined, { command: "count" }), "ok: 2");
});

Deno.test("a module may read its own sources and nothing beside them", async () => {
  await using arena = await Arena.open({ module: fixture("stateful.ts"), size: 1 });
  assertMatch(await arena.run("./secret.txt", { command: "readBeside" }), /^permission_denied: /);
});

Deno.test("what a command leaves to crash later costs no later call more than a moment", async () => {
  await using arena = await Arena.open({ module: fixture("stateful.ts"), size: 2 });
  for (let round = 0; round < 5; round++) {
    await arena.run(undefined, { command: "crashLater" });
    for (let call = 0; call < 5; call++) {
      // A call that meets the crash fails with it; none waits for its deadline.
      assertMatch(await arena.run(undefined, { command: "count" }), /^(ok|unknown|unavailable): /);
    }
  }
});

Deno.test("closing does not wait for a program that a command has started", async () => {
  const arena = await Arena.open({
    module: fixture("stateful.ts"),
    permissions: { run: [Deno.execPath()] },
    size: 1,
  });
  assertEquals(await arena.run(Deno.execPath(), { command: "startProgram" }), "ok: true");
  await within(arena[Symbol.asyncDispose](), "the end of the pool");
});

Deno.test("a granted permission is granted, and no other", async () => {
  await using arena = await Arena.open({
    module: fixture("stateful.ts"),
    permissions: { read: [new URL("./fixtures/secret.txt", import.meta.url).pathname] },
    size: 1,
  });
  assertEquals(await arena.run("./secret.txt", { command: "readBeside" }), 'ok: "a secret\\n"');
  assertMatch(await arena.run("./other.txt", { command: "readBeside" }), /^permission_denied: /);
});

Deno.test("a module that imports an npm package runs", async () => {
  await using arena = await Arena.open({ module: fixture("with_npm.ts"), size: 1 });
  assertEquals(await arena.run(undefined, { command: "difference" }), "ok: [1,3]");
});

Deno.test("a module that imports a jsr package runs", async () => {
  await using arena = await Arena.open({ module: fixture("with_jsr.ts"), size: 1 });
  assertMatch(await arena.run(undefined, { command: "id" }), /^ok: "[0-9a-f-]{36}"$/);
});

Deno.test("an RpcError that a command throws keeps its code and details", async () => {
  await using arena = await Arena.open({ module: fixture("stateful.ts"), size: 1 });
  assertMatch(await arena.run(undefined, { command: "refuse" }), /^already_exists: it is there/);
});

for (
  const [name, reason] of [
    ["missing.ts", /Module not found/],
    ["throws.ts", /thrown at import/],
    ["no_functions.ts", /exports no function/],
    ["data:text/typescript,export const a = ;", /expression expected/i],
    ["posts_at_import.ts", /2147483648 bytes or more, the limit is 100000/],
    ["forges_ready.ts", /too long|bytes or more/],
  ] as const
) {
  Deno.test(`a module that can't be served is refused at the start: ${name}`, async () => {
    const error = await assertRejects(() => Arena.open({ module: fixture(name) }), RpcError);
    assertEquals(error.code, "failed_precondition");
    assertMatch(error.message, reason);
    assert(error.message.startsWith("Cannot load the commands"));
  });
}
