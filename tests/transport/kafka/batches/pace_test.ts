import { assert, assertEquals } from "@std/assert";
import { type Clock, useClock } from "../../../../src/async/clock.ts";
import { decodeBatches } from "../../../../src/transport/kafka/batches/decode.ts";
import { Pace, STRETCH_MS } from "../../../../src/transport/kafka/batches/pace.ts";
import { recordsOf } from "./decoded.ts";
import { batch, record } from "./written.ts";

/** A clock that goes on by itself, each time somebody looks at it; its timers fire at once. */
function runningClock(stepMs: number): Clock & { pauses: number[] } {
  let now = 0;
  const pauses: number[] = [];
  return {
    pauses,
    now: () => now += stepMs,
    wallTime: () => 0,
    timer(_, callback) {
      pauses.push(now);
      queueMicrotask(callback);
      return { cancel: () => {} };
    },
    random: () => 0,
    id: () => "",
  };
}

const many = batch(Array.from({ length: 50_000 }, (_, offsetDelta) => record({ offsetDelta })));

Deno.test("decodeBatches() lets the event loop go on after 20 ms of work", async () => {
  const clock = runningClock(4);
  using _ = useClock(clock);
  await recordsOf(many);
  const between = clock.pauses.map((at, i) => at - (clock.pauses[i - 1] ?? 0));
  assert(between.length > 5 && between.every((ms) => ms <= STRETCH_MS + 8), between.join());
});

Deno.test("decodeBatches() makes no pause where it takes less", async () => {
  const clock = runningClock(0.1);
  using _ = useClock(clock);
  await recordsOf(many);
  assertEquals(clock.pauses, []);
});

Deno.test("decodeBatches() makes the pauses of a work that it is a part of", async () => {
  const clock = runningClock(4);
  using _ = useClock(clock);
  const pace = new Pace();
  const small = batch([record({})]);
  for (let part = 0; part < 20; part++) {
    for await (const _ of decodeBatches(small, { from: 0n, pace }));
  }
  assert(clock.pauses.length > 1);
});

Deno.test("decodeBatches() ends where its consumer leaves the loop", async () => {
  const parts = decodeBatches(many, { from: 0n });
  for await (const _ of parts) break;
  assertEquals(await parts.next(), { done: true, value: undefined });
});
