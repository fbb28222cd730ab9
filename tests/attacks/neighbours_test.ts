// What a command can do to the calls that share its sandbox, and what it can't.
import { assertEquals, assertMatch } from "@std/assert";
import { ManualClock } from "../manual_clock.ts";
import { Arena } from "./arena.ts";

/** A command may go on for so long after its deadline, and say nothing for twice the interval. */
const GRACE_MS = 100;
const LOOK_MS = 5;

const module = new URL("./fixtures/neighbours.ts", import.meta.url);
const open = () => Arena.open({ module, size: 1, callsPerSandbox: 16 });

/** Calls that have begun in the only sandbox, and wait. */
async function holding(arena: Arena, count: number): Promise<Promise<string>[]> {
  const held = Array.from({ length: count }, () => arena.run(undefined, { command: "hold" }));
  // It is answered by the same sandbox, after they have begun.
  assertEquals(await arena.run("begun", { command: "mark" }), 'ok: "begun"');
  return held;
}

/** Every mark that was printed, once nothing else can be. */
async function marks(arena: Arena, names: readonly string[]): Promise<string[]> {
  for (const name of names) await arena.printed(`mark ${name}`);
  await arena[Symbol.asyncDispose]();
  return arena.output.filter((line) => line.startsWith("mark ")).sort();
}

/** A command that never yields is ended, after it has begun: its result. */
async function loop(arena: Arena, clock: ManualClock): Promise<string> {
  const loops = arena.printed("loops");
  const looping = arena.run(undefined, { command: "loop", overdueAfter: loops });
  const result = await looping;
  await clock.advance(GRACE_MS);
  return result;
}

/** Calls behind a command that never yields: what they get, once it is ended. */
async function behindLoop(arena: Arena, clock: ManualClock, names: readonly string[]) {
  const silent = Promise.withResolvers<void>();
  const looping = arena.run(undefined, { command: "loop", overdueAfter: silent.promise });
  const neighbours = names.map((name) => arena.run(name, { command: "mark" }));
  await arena.printed("loops");
  await clock.advance(2 * LOOK_MS);
  silent.resolve();
  await looping;
  await clock.advance(GRACE_MS);
  return await Promise.all(neighbours);
}

Deno.test("a command that never yields costs neighbours that had begun an aborted, at once", async () => {
  await using arena = await open();
  using clock = new ManualClock();
  const held = await holding(arena, 3);
  assertMatch(await loop(arena, clock), /^deadline_exceeded: /);
  for (const result of await Promise.all(held)) {
    assertMatch(result, /^aborted: Cannot finish "hold": another command \("loop"\)/);
  }
});

Deno.test("a command that never yields costs neighbours that had not begun nothing, and none runs twice", async () => {
  await using arena = await open();
  using clock = new ManualClock();
  const held = await holding(arena, 3);
  const names = Array.from({ length: 10 }, (_, i) => `n${i}`);
  assertEquals(await behindLoop(arena, clock, names), names.map((name) => `ok: "${name}"`));
  await Promise.all(held);
  assertEquals(
    await marks(arena, names),
    ["mark begun", ...names.map((name) => `mark ${name}`)].sort(),
  );
});

Deno.test("the line about the end says how many neighbours it cost", async () => {
  await using arena = await open();
  using clock = new ManualClock();
  const held = await holding(arena, 3);
  await loop(arena, clock);
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
  using clock = new ManualClock();
  const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const held = arena.run(undefined, { command: "hold", overdueAfter: ends[0].promise });
  const late = arena.run(undefined, { command: "ignore", overdueAfter: ends[1].promise });
  await arena.run("begun", { command: "mark" });
  ends[1].resolve();
  assertMatch(await late, /^deadline_exceeded: /);
  // By its answer to the second, the event loop has said that it goes on.
  for (const name of ["first", "second"]) await arena.run(name, { command: "mark" });
  await clock.advance(GRACE_MS);
  assertEquals(await arena.run("other", { command: "mark" }), 'ok: "other"');
  ends[0].resolve();
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
  // Nothing is taken back from a slow child: the number of the first call stays 1.
  using _clock = new ManualClock();
  const [held] = await holding(arena, 1);
  const failure = { code: "internal", name: "Error", message: "forged" };
  const message = { type: "done", run: 1, outcome: { ok: false, failure } };
  const posting = arena.run(message, { command: "post", overdueAfter: held! });
  assertEquals(await held, "internal: forged");
  await posting;
});

Deno.test("a command that replaces Atomics makes no neighbour run twice", async () => {
  await using arena = await open();
  using clock = new ManualClock();
  assertEquals(await arena.run(undefined, { command: "replaceAtomics" }), 'ok: "replaced"');
  const names = ["a", "b", "c"];
  assertEquals(await behindLoop(arena, clock, names), names.map((name) => `ok: "${name}"`));
  assertEquals(await marks(arena, names), names.map((name) => `mark ${name}`));
});
