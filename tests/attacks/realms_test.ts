// What expressions that share a child may do to each other: nothing.
import { assertEquals, assertMatch } from "@std/assert";
import { Arena } from "./arena.ts";

const BLOCKS = `(() => { const all = [];
  for (let i = 0; i < 60; i++) all.push(new Uint8Array(1024 * 1024).fill(1)); return all.length })()`;

Deno.test("a loop of microtasks that its result does not wait for ends its child alone", async () => {
  await using arena = await Arena.open({ realms: true, size: 2 });
  const code = "(async () => { for (;;) await 0 })(); 1";
  const looping = arena.run(code, { timeoutMs: 400 });
  const neighbours = await Promise.all([1, 2, 3].map((n) => arena.run(`${n} * 2`)));
  assertMatch(await looping, /^deadline_exceeded: /);
  assertEquals([...neighbours, await arena.run("'next'")], [
    "ok: 2",
    "ok: 4",
    "ok: 6",
    'ok: "next"',
  ]);
});

Deno.test("a heap that earlier expressions filled fails no later one", async () => {
  await using arena = await Arena.open({ realms: true, size: 1, memoryMb: 96 });
  const results = [];
  for (let i = 0; i < 8; i++) results.push(await arena.run(BLOCKS));
  assertEquals(new Set(results), new Set(["ok: 60"]));
});

Deno.test("an expression that takes too much of a shared child loses its own as well", async () => {
  await using arena = await Arena.open({ realms: true, size: 1, memoryMb: 64 });
  const bomb = "const all = []; for (;;) all.push(new Uint8Array(1024 * 1024).fill(1))";
  const others = Promise.all(Array.from({ length: 6 }, (_, n) => arena.run(`${n} + 1`)));
  assertMatch(await arena.run(bomb), /^resource_exhausted: /);
  assertEquals(await others, Array.from({ length: 6 }, (_, n) => `ok: ${n + 1}`));
  assertEquals(await arena.run("'next'"), 'ok: "next"');
});

Deno.test("a text of quotes that never end is looked through once", async () => {
  await using arena = await Arena.open({ realms: true, size: 1 });
  const code = `/"${'\\"'.repeat(100_000)}/.source.length`;
  assertEquals(await arena.run(code), "ok: 200001");
});
