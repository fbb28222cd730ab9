import { assertEquals } from "@std/assert";
import { type Clock, useClock } from "../../src/async/clock.ts";
import { Deadlines, Timed } from "../../src/async/deadlines.ts";
import { ManualClock } from "../manual_clock.ts";

/** Calls a function when its deadline is over. */
class Calling extends Timed {
  readonly onOver: () => void;

  constructor(onOver: () => void) {
    super();
    this.onOver = onOver;
  }
}

/** Sets a deadline of its own. */
function set(deadlines: Deadlines, milliseconds: number, onOver: () => void = () => {}): Timed {
  const timed = new Calling(onOver);
  deadlines.set(timed, milliseconds);
  return timed;
}

Deno.test("deadlines are over in the order of their times, whatever order they were set in", async () => {
  using clock = new ManualClock();
  const deadlines = new Deadlines();
  const over: number[] = [];
  for (const ms of [50, 10, 40, 10, 30, 20, 60]) set(deadlines, ms, () => over.push(ms));
  await clock.advance(55);
  assertEquals(over, [10, 10, 20, 30, 40, 50]);
});

Deno.test("a deadline is not over before its time", async () => {
  using clock = new ManualClock();
  const deadlines = new Deadlines();
  let over = 0;
  set(deadlines, 10, () => over++);
  await clock.advance(9);
  assertEquals(over, 0);
});

Deno.test("a deadline that is canceled is never over, and the others are", async () => {
  using clock = new ManualClock();
  const deadlines = new Deadlines();
  const over: number[] = [];
  const timed = Array.from({ length: 100 }, (_, index) => {
    const ms = index * 37 % 100;
    return { ms, one: set(deadlines, ms, () => over.push(ms)) };
  });
  for (const { ms, one } of timed) if (ms % 3 !== 0) deadlines.cancel(one);
  await clock.advance(100);
  assertEquals(over, Array.from({ length: 34 }, (_, index) => index * 3));
});

Deno.test("cancel() after the end, or a second time, takes nothing else out", async () => {
  using clock = new ManualClock();
  const deadlines = new Deadlines();
  let over = 0;
  const first = set(deadlines, 1, () => over++);
  set(deadlines, 2, () => over++);
  const third = set(deadlines, 3, () => over++);
  await clock.advance(1);
  deadlines.cancel(first);
  deadlines.cancel(third);
  deadlines.cancel(third);
  await clock.advance(5);
  assertEquals(over, 2);
});

Deno.test("a deadline may set another one when it is over", async () => {
  using clock = new ManualClock();
  const deadlines = new Deadlines();
  const over: number[] = [];
  set(deadlines, 1, () => set(deadlines, 1, () => over.push(clock.now())));
  await clock.advance(5);
  assertEquals(over, [2]);
});

/** How many timers are set, and how many are left, for what a test does. */
function timersOf(work: (deadlines: Deadlines) => void): { set: number; left: number } {
  let set = 0;
  let left = 0;
  const clock: Clock = {
    now: () => 0,
    wallTime: () => 0,
    timer: () => {
      set++;
      left++;
      return { cancel: () => void left-- };
    },
    random: () => 0,
    id: () => "",
  };
  using _ = useClock(clock);
  work(new Deadlines());
  return { set, left };
}

Deno.test("deadlines in the order of their times share one timer", () => {
  const timers = timersOf((deadlines) => {
    for (let ms = 1; ms <= 100; ms++) set(deadlines, ms);
  });
  assertEquals(timers, { set: 1, left: 1 });
});

Deno.test("an earlier deadline sets the timer anew, once", () => {
  const timers = timersOf((deadlines) => {
    set(deadlines, 10);
    set(deadlines, 5);
  });
  assertEquals(timers, { set: 2, left: 1 });
});

Deno.test("no timer is left once every deadline is canceled", () => {
  const timers = timersOf((deadlines) => {
    for (const one of [3, 1, 2].map((ms) => set(deadlines, ms))) deadlines.cancel(one);
  });
  assertEquals(timers.left, 0);
});

Deno.test("a deadline that is set again is over once, at the later time", async () => {
  using clock = new ManualClock();
  const deadlines = new Deadlines();
  const over: number[] = [];
  const timed = set(deadlines, 5, () => over.push(clock.now()));
  deadlines.set(timed, 10);
  await clock.advance(20);
  assertEquals(over, [10]);
});
