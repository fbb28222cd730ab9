// Calls that were sent when the last server left, on a clock that the test sets.
import { assertEquals } from "@std/assert";
import { type Clock, useClock } from "../../src/async/clock.ts";
import { UnansweredCalls, type WatchedCall } from "../../src/client/unanswered_calls.ts";

/** A clock that stands still between the looks; each look has its own answer. */
class Looks implements Disposable {
  readonly calls: UnansweredCalls;
  now = 0;
  asked = 0;
  #answer = true;
  #timers: (() => void)[] = [];
  readonly #restore: Disposable;

  constructor() {
    const clock: Clock = {
      now: () => this.now,
      wallTime: () => this.now,
      timer: (_, callback) => {
        this.#timers.push(callback);
        return { cancel: () => this.#timers.splice(this.#timers.indexOf(callback), 1) };
      },
      random: () => 0,
      id: () => "id",
    };
    this.#restore = useClock(clock);
    this.calls = new UnansweredCalls(() => {
      this.asked++;
      return Promise.resolve(this.#answer);
    });
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers.length;
  }

  /** The next look, a second later, with or without a member in the group. */
  async look(live: boolean): Promise<void> {
    this.now += 1_000;
    this.#answer = live;
    for (const timer of this.#timers.splice(0)) timer();
    // The question and its answer each take a turn.
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }

  [Symbol.dispose](): void {
    this.calls.close();
    this.#restore[Symbol.dispose]();
  }
}

/** A call that was sent at 0. */
const sent = (onGone: () => void = () => {}): WatchedCall => {
  return { sentAt: 0, isSuspected: false, onGone };
};

/** What became of a call that was sent at 0, after these looks. */
async function after(looks: readonly boolean[]) {
  using at = new Looks();
  let ended = 0;
  at.calls.watch(sent(() => ended++));
  for (const live of looks) await at.look(live);
  return { ended, asked: at.asked, timers: at.timers };
}

Deno.test("a call that two looks in a row find without a server ends, once", async () => {
  assertEquals((await after([false, false, false])).ended, 1);
});

Deno.test("a group that is empty for a moment ends no call: its member joins again", async () => {
  assertEquals((await after([false, true, false])).ended, 0);
});

Deno.test("a server that leaves two seconds after the call was sent ends it too", async () => {
  assertEquals((await after([true, true, false, false])).ended, 1);
});

Deno.test("a group that is empty later may have lost a server that still answers", async () => {
  const looks = [true, true, true, false, false, false];
  assertEquals(await after(looks), { ended: 0, asked: 5, timers: 0 });
});

Deno.test("a call that was answered is not ended", async () => {
  using at = new Looks();
  let ended = 0;
  const call = sent(() => ended++);
  at.calls.watch(call);
  await at.look(false);
  at.calls.unwatch(call);
  await at.look(false);
  assertEquals(ended, 0);
});

Deno.test("no question is sent, and no timer is left, once every call is answered", async () => {
  using at = new Looks();
  const call = sent();
  at.calls.watch(call);
  at.calls.unwatch(call);
  await at.look(false);
  assertEquals([at.asked, at.timers], [0, 0]);
});

Deno.test("all calls share one timer and one question", async () => {
  using at = new Looks();
  for (let i = 0; i < 10; i++) at.calls.watch(sent());
  const { timers } = at;
  await at.look(true);
  assertEquals([timers, at.asked], [1, 1]);
});

Deno.test("close() leaves no timer and ends no call", async () => {
  using at = new Looks();
  let ended = 0;
  at.calls.watch(sent(() => ended++));
  at.calls.close();
  await at.look(false);
  assertEquals([at.timers, ended], [0, 0]);
});
