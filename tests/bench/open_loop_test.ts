// The latencies of an open loop, on a clock that moves only where the loop waits.
import { assertEquals } from "@std/assert";
import { type Clock, measureOpenLoop } from "../../bench/measuring/open_loop.ts";

/** Moves to the next moment for which something waits; as late as `lateBy` after it. */
class FakeClock implements Clock {
  #now = 0;
  readonly #waiting: { at: number; resolve: () => void }[] = [];

  constructor(readonly lateBy = 0) {}

  now = (): number => this.#now;

  wait(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ at: this.#now + milliseconds + this.lateBy, resolve });
    // After everything that happens at this moment.
    setTimeout(() => this.#advance(), 0);
    return promise;
  }

  #advance(): void {
    this.#waiting.sort((one, other) => one.at - other.at);
    const next = this.#waiting.shift()!;
    this.#now = next.at;
    next.resolve();
  }
}

Deno.test("a call of an open loop that begins in time has its own latency", async () => {
  const clock = new FakeClock();
  const plan = { rate: 100, count: 4, maxInFlight: 10, clock };
  const outcome = await measureOpenLoop(() => clock.wait(25), plan);
  assertEquals(outcome, { latencies: [25, 25, 25, 25], late: [0, 0, 0, 0], failed: 0, took: 55 });
});

Deno.test("a latency counts from when the call should have begun, also where it had to wait", async () => {
  const clock = new FakeClock();
  const plan = { rate: 100, count: 4, maxInFlight: 1, clock };
  const { latencies } = await measureOpenLoop(() => clock.wait(100), plan);
  assertEquals(latencies, [100, 190, 280, 370]);
});

Deno.test("one call that stands still delays those that were due meanwhile", async () => {
  const clock = new FakeClock();
  let call = 0;
  const plan = { rate: 100, count: 5, maxInFlight: 1, clock };
  const { latencies } = await measureOpenLoop(() => clock.wait(call++ === 0 ? 35 : 1), plan);
  assertEquals(latencies, [35, 26, 17, 8, 1]);
});

Deno.test("the lateness of the loop's own timer is part of the latency, and known", async () => {
  const clock = new FakeClock(3);
  const plan = { rate: 100, count: 2, maxInFlight: 10, clock };
  const { latencies, late } = await measureOpenLoop(() => Promise.resolve(), plan);
  assertEquals([latencies, late], [[0, 3], [0, 3]]);
});

Deno.test("a failed call of an open loop is counted and has no latency", async () => {
  const clock = new FakeClock();
  let call = 0;
  const plan = { rate: 100, count: 3, maxInFlight: 10, clock };
  const { latencies, failed } = await measureOpenLoop(async () => {
    await clock.wait(5);
    if (call++ === 1) throw new Error("no answer");
  }, plan);
  assertEquals([latencies, failed], [[5, 5], 1]);
});
