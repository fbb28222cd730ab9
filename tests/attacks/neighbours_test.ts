// What a command can do to the calls that share its sandbox, and what it can't.
import { assertEquals, assertMatch } from "@std/assert";
import { Arena } from "./arena.ts";

const module = new URL("./fixtures/neighbours.ts", import.meta.url);
const open = () => Arena.open({ module, size: 1, callsPerSandbox: 16 });

/** Calls that have begun in the only sandbox, and wait. */
async function holding(arena: Arena, count: number): Promise<Promise<string>[]> {
  const held = Array.from({ length: count }, () => arena.run(undefined, { command: "hold" }));
  // It is answered by the same sandbox, after they have begun.
  assertEquals(await arena.run("begun", { command: "mark" }), 'ok: "begun"');
  return held;
}

/** A deadline by which a command has begun, on a busy machine too. */
const BEGUN_MS = 1_000;

const marks = (arena: Arena) => arena.output.filter((line) => line.startsWith("mark ")).sort();

Deno.test("a command that never yields costs neighbours that had begun an aborted, at once", async () => {
  await using arena = await open();
  const held = await holding(arena, 3);
  const looping = arena.run(undefined, { command: "loop", timeoutMs: BEGUN_MS });
  for (const result of await Promise.all(held)) {
    assertMatch(result, /^aborted: Cannot finish "hold": another command \("loop"\)/);
  }
  assertMatch(await looping, /^deadline_exceeded: /);
});

Deno.test("a command that never yields costs neighbours that had not begun nothing, and none runs twice", async () => {
  await using arena = await open();
  const held = await holding(arena, 3);
  const looping = arena.run(undefined, { command: "loop", timeoutMs: BEGUN_MS });
  const names = Array.from({ length: 10 }, (_, i) => `n${i}`);
  const neighbours = names.map((name) => arena.run(name, { command: "mark" }));
  assertEquals(await Promise.all(neighbours), names.map((name) => `ok: "${name}"`));
  await Promise.all([looping, ...held]);
  assertEquals(marks(arena), ["mark begun", ...names.map((name) => `mark ${name}`)].sort());
});

Deno.test("the line about the end says how many neighbours it cost", async () => {
  await using arena = await open();
  const held = await holding(arena, 3);
  await arena.run(undefined, { command: "loop", timeoutMs: BEGUN_MS });
  await Promise.all(held);
  const lines = await arena.log.lines.until(
    (all) => all.some(({ message }) => message === "a sandbox ended, it is replaced"),
    "the line of the end",
  );
  const { fields } = lines.find(({ message }) => message === "a sandbox ended, it is replaced")!;
  assertEquals([fields["command"], fields["reason"], fields["calls"]], ["loop", "time", 3]);
});

for (const command of ["exit", "bomb"]) {
  Deno.test(`an end by ${command} gives each call that had begun aborted: it may be any of them`, async () => {
    await using arena = await open();
    const held = await holding(arena, 2);
    const results = await Promise.all([arena.run(undefined, { command }), ...held]);
    for (const result of results) {
      assertMatch(result, /^aborted: .*a command that shared its sandbox may have ended it: /);
    }
  });
}

Deno.test("a command that waits past its deadline costs its neighbours nothing", async () => {
  await using arena = await open();
  const held = arena.run(undefined, { command: "hold", timeoutMs: 4 * BEGUN_MS });
  const late = arena.run(undefined, { command: "ignore", timeoutMs: BEGUN_MS });
  assertMatch(await late, /^deadline_exceeded: /);
  assertEquals(await arena.run("other", { command: "mark" }), 'ok: "other"');
  assertMatch(await held, /^deadline_exceeded: /);
});

const forgeries: [what: string, message: unknown, end: RegExp][] = [
  ["that a job waits that is not in flight", { type: "waiting", runs: [99] }, /that it waits/],
  ["twice that a job waits", { type: "waiting", runs: [1, 1] }, /that it waits/],
  ["that jobs were returned", { type: "returned", begun: 0, upTo: 9 }, /unknown type/],
];
for (const [what, message, end] of forgeries) {
  Deno.test(`a command that says ${what} ends its sandbox`, async () => {
    await using arena = await open();
    assertMatch(await arena.run(message, { command: "post" }), end);
  });
}

Deno.test("a command can answer a neighbour wrongly, and no call of another sandbox", async () => {
  await using arena = await open();
  const [held] = await holding(arena, 1);
  const failure = { code: "internal", name: "Error", message: "forged" };
  const message = { type: "done", run: 1, outcome: { ok: false, failure } };
  void arena.run(message, { command: "post" });
  assertEquals(await held, "internal: forged");
});

Deno.test("a command that replaces Atomics makes no neighbour run twice", async () => {
  await using arena = await open();
  assertEquals(await arena.run(undefined, { command: "replaceAtomics" }), 'ok: "replaced"');
  const looping = arena.run(undefined, { command: "loop", timeoutMs: BEGUN_MS });
  const neighbours = ["a", "b", "c"].map((name) => arena.run(name, { command: "mark" }));
  assertEquals(await Promise.all(neighbours), ['ok: "a"', 'ok: "b"', 'ok: "c"']);
  await looping;
  assertEquals(marks(arena), ["mark a", "mark b", "mark c"]);
});
