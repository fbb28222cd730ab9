/**
 * Rows of the fault matrix: clocks that step and processes that stand still, beside right ones.
 *
 * @module
 */
import { lasts } from "./arena.ts";
import type { Outcome } from "./load.ts";
import type { Scene } from "./row.ts";
import type { MakeRow } from "./rows_connection.ts";
import { anotherClient } from "./rows_process.ts";
import { SteppedClock } from "./stepped_clock.ts";
import type { Execution } from "./work.ts";

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

/** When a server stood still, in Unix milliseconds. */
interface Standstill {
  readonly pid: number;
  readonly from: number;
  readonly to: number;
}

/** SIGSTOP of one of two servers, for longer than its session; then it goes on. */
export const serverSuspended: MakeRow = ({ brokers }, { calls, perSecond, repeat }) => {
  const standstills: Standstill[] = [];
  return {
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
        const from = Date.now();
        await lasts(LONGER_THAN_A_SESSION_MS);
        standstills.push({ pid: server.pid, from, to: Date.now() });
        server.resume();
        await load.succeeded(100, performance.now(), 20_000);
      }
    },
    examine: (scene, ran) => standstillFaults(standstills, scene, ran),
  };
};

/**
 * A command that waited in the server that stood still must not start after that, where another
 * server has answered it. One that ran at that moment is run by the other one, and ends late.
 */
function standstillFaults(
  standstills: readonly Standstill[],
  { load, notes }: Scene,
  ran: readonly Execution[],
): string[] {
  const answeredAt = new Map(
    load.outcomes.filter(({ status }) => status === "ok")
      .map(({ call, settledAt }) => [call, performance.timeOrigin + settledAt]),
  );
  const twice = [...Map.groupBy(ran, ({ call }) => call).values()]
    .filter(({ length }) => length > 1);
  const running = twice.filter((executions) =>
    executions.some(({ call, pid, at }) =>
      standstills.some((still) =>
        still.pid === pid && at <= still.from && !(answeredAt.get(call)! < still.from)
      )
    )
  );
  const waited = ran.filter(({ call, pid, at }) =>
    standstills.some((still) =>
      still.pid === pid && at >= still.to && answeredAt.get(call)! < still.to
    )
  );
  notes.push(`run twice because they ran at a SIGSTOP: ${running.length}`);
  notes.push(`waited there, and started after another answer: ${waited.length}`);
  const faults: string[] = [];
  if (waited.length > 0) faults.push(`${waited.length} commands started after another's answer`);
  const others = twice.length - running.length;
  if (others > 0) faults.push(`${others} commands ran twice that did not run at a SIGSTOP`);
  return faults;
}

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
