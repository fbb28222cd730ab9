/**
 * Rows of the fault matrix: clocks that step and processes that stand still, beside right ones.
 *
 * @module
 */
import { lasts } from "./arena.ts";
import type { Outcome } from "./load.ts";
import type { MakeRow } from "./rows_connection.ts";
import { anotherClient } from "./rows_process.ts";
import { SteppedClock } from "./stepped_clock.ts";

/** Longer than a session, so that a member without heartbeats is evicted. */
const LONGER_THAN_A_SESSION_MS = 12_000;
const TWO_HOURS_MS = 7_200_000;

/** The wall clock of one of two servers steps while commands run. */
export function serverClockSteps(byMs: number): MakeRow {
  return ({ brokers }, { calls, perSecond }) => ({
    name: `clock of one of two servers steps by ${byMs / 1_000} s`,
    brokers,
    calls,
    load: { perSecond, holdMs: 20 },
    fault: async (scene) => {
      using clock = new SteppedClock();
      const other = scene.startServer({ clock });
      await other.said("ready");
      await scene.load.succeeded(100, performance.now(), 20_000);
      clock.step(byMs);
      await lasts(LONGER_THAN_A_SESSION_MS);
      scene.healed();
      // A rebalance shows whether it is still a member.
      await scene.startServer().said("ready");
      await scene.load.succeeded(100, performance.now(), 20_000);
      await other.stop();
    },
  });
}

/** SIGSTOP of one of two servers, for longer than its session; then it goes on. */
export const serverSuspended: MakeRow = ({ brokers }, { calls, perSecond, repeat }) => ({
  name: `SIGSTOP of one of two servers for 12 s, ${repeat} times`,
  brokers,
  calls,
  servers: 2,
  serve: { concurrency: 1 },
  // What piled up meanwhile must be done in time, one command after the other.
  load: { perSecond: Math.min(perSecond, 50), holdMs: 5 },
  // The command that ran when it was stopped is run by the other one.
  extra: repeat,
  fault: async ({ load, servers }) => {
    for (let time = 0; time < repeat; time++) {
      const server = servers[time % 2]!;
      server.suspend();
      await lasts(LONGER_THAN_A_SESSION_MS);
      server.resume();
      await load.succeeded(100, performance.now(), 20_000);
    }
  },
});

/** A client whose clock is so far ahead that the broker refuses its records: told at once. */
export const clientHoursAhead: MakeRow = ({ brokers }, { calls, perSecond }) => ({
  name: "client clock +2 h",
  brokers,
  calls,
  load: { perSecond },
  fault: async (scene) => {
    using clock = new SteppedClock(TWO_HOURS_MS);
    await using client = anotherClient(scene, { clock, calls: 50, timeoutMs: 8_000 });
    const { outcomes } = await client.said("done") as unknown as { outcomes: Outcome[] };
    const slowest = Math.max(...outcomes.map(({ begunAt, settledAt }) => settledAt - begunAt));
    const [first] = outcomes;
    scene.notes.push(`other client: ${first?.status}, the slowest after ${Math.round(slowest)} ms`);
    if (slowest > 2_000) scene.faults.push("what a broker refuses for good is tried again");
    if (!/timestamp|clock/i.test(first?.message ?? "")) {
      scene.faults.push(`the clock is not named: ${first?.message}`);
    }
  },
});

/** The only server's clock is two hours ahead, and then right again. */
export const serverHoursAhead: MakeRow = ({ brokers }, { calls, perSecond }) => ({
  name: "server clock +2 h, and right again",
  brokers,
  calls,
  load: { perSecond, timeoutMs: 8_000 },
  excuses: ({ begunAt }, { times }) => begunAt <= times.healed + 2_000,
  fault: async (scene) => {
    using clock = new SteppedClock();
    const server = scene.startServer({ clock });
    await server.said("ready");
    await scene.servers[0]!.stop();
    clock.step(TWO_HOURS_MS);
    await lasts(5_000);
    clock.step(-TWO_HOURS_MS);
    scene.healed();
    await scene.load.succeeded(100, performance.now(), 20_000);
    await scene.startServer().said("ready");
    await server.stop();
  },
});
