// What the fault tests do to a process: its clock steps, and it stands still.
import { assert, assertEquals } from "@std/assert";
import { Child, type ChildEvent } from "./child.ts";
import { SteppedClock } from "./stepped_clock.ts";

interface Tick extends ChildEvent {
  readonly now: number;
  readonly date: number;
  readonly age: number;
}

const HOUR_MS = 3_600_000;

/** The first of the ticks to come that is met. */
async function tick(child: Child, met: (tick: Tick) => boolean = () => true): Promise<Tick> {
  const seen = child.events.items.length;
  const find = (events: readonly ChildEvent[]) => (events as Tick[]).slice(seen).find(met);
  await child.events.until((events) => find(events) !== undefined, "a tick");
  return find(child.events.items)!;
}

Deno.test("a stepped clock changes the wall clock of a running process, and nothing else", async () => {
  using clock = new SteppedClock(-HOUR_MS);
  await using child = new Child("ticking.ts", {}, { clock });
  const before = await tick(child);
  assert(Math.abs(Date.now() - HOUR_MS - before.now) < HOUR_MS / 2);
  clock.step(-HOUR_MS);
  const after = await tick(child, ({ now }) => now < before.now);
  assert(Math.abs(after.date - after.now) < 1_000);
  assert(after.age > before.age);
  clock.step(2 * HOUR_MS);
  const right = await tick(child, ({ now }) => now > before.now + HOUR_MS / 2);
  assert(Math.abs(Date.now() - right.now) < HOUR_MS / 2);
});

Deno.test("a process that is suspended does nothing until it is resumed, and can be ended", async () => {
  await using child = new Child("ticking.ts", {});
  await tick(child);
  child.suspend();
  // Stopped, says the system; the letter stands behind the name's bracket.
  const state = async () =>
    (await Deno.readTextFile(`/proc/${child.pid}/stat`)).replace(/^.*\) /s, "")[0];
  while (await state() !== "T");
  child.resume();
  await tick(child);
  child.suspend();
  await child.stop();
  assertEquals(await child.ended, undefined);
});
