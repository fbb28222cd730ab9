/**
 * Rows of the fault matrix: servers and clients that end, come and go, and clocks that are wrong.
 *
 * @module
 */
import { lasts } from "./arena.ts";
import { Child, type ChildOptions } from "./child.ts";
import type { ClientSetup } from "./fixtures/client.ts";
import type { Outcome } from "./load.ts";
import type { Scene } from "./row.ts";
import { type MakeRow, UNREACHABLE } from "./rows_connection.ts";
import { SteppedClock } from "./stepped_clock.ts";

/**
 * SIGKILL of the only server while a command runs. One command at a time, so that one execution
 * more is what a kill may cost.
 */
export const serverKilledMidCommand: MakeRow = ({ brokers }, { calls, repeat }) => ({
  name: `server SIGKILL mid-command, ${repeat} times`,
  brokers,
  calls,
  tells: true,
  serve: { concurrency: 1 },
  extra: repeat,
  load: { holdMs: 5, perSecond: 40 },
  fault: async (scene) => {
    for (let time = 0; time < repeat; time++) {
      await caughtUp(scene);
      const server = scene.servers.at(-1)!;
      await server.events.first(server.events.items.length + 1);
      await server.kill();
      await scene.startServer().said("ready");
    }
  },
});

/** SIGKILL of the only server at the moment when a reply has come: its commit is up to 200 ms away. */
export const serverKilledBeforeCommit: MakeRow = ({ brokers }, { calls, perSecond, repeat }) => ({
  name: `server SIGKILL after reply before commit, ${repeat} times`,
  brokers,
  calls,
  serve: { concurrency: 1 },
  extra: repeat,
  load: { perSecond },
  fault: async (scene) => {
    for (let time = 0; time < repeat; time++) {
      await caughtUp(scene);
      await scene.load.succeeded(1, performance.now(), 30_000);
      await scene.servers.at(-1)!.kill();
      await scene.startServer().said("ready");
    }
  },
});

/**
 * What piled up while no server was there is done, and nothing is in flight. A backlog is answered
 * in batches: what is killed then are all commands whose reply is not acknowledged yet, not one.
 */
export async function caughtUp({ load }: Scene): Promise<void> {
  if (await load.until(() => load.open === 0, 30_000)) return;
  throw new Error(`The server does not catch up: ${load.open} calls wait.`);
}

/** Other clients of the same topics are killed while they wait. */
export const clientKilled: MakeRow = ({ brokers }, { calls, perSecond, repeat }) => ({
  name: `client SIGKILL, ${repeat} times`,
  brokers,
  calls,
  load: { perSecond },
  fault: async (scene) => {
    for (let time = 0; time < repeat; time++) {
      await using client = anotherClient(scene, {});
      await client.said("answered");
      await client.kill();
    }
  },
});

/** A server comes and another goes, all the time: the group rebalances in the middle of commands. */
export const serversComeAndGo: MakeRow = ({ brokers }, { calls, perSecond, repeat }) => ({
  name: `rebalances: a server comes and one goes, ${2 * repeat} times`,
  brokers,
  calls,
  servers: 2,
  load: { perSecond, holdMs: 20 },
  fault: async (scene) => {
    for (let time = 0; time < 2 * repeat; time++) {
      const next = scene.startServer();
      await next.said("ready");
      await scene.servers[time]!.stop();
    }
  },
});

/** Most of a core, in percent, that a process with nothing to do may take while no broker is there. */
const IDLE_PERCENT = 2;

/** The broker is away for 10 s, while a client has no call: it must not spin. */
export const idleWhileAway: MakeRow = (arena, { calls, perSecond }) => ({
  name: "broker away 10 s, an idle client",
  logs: { client: UNREACHABLE, server: UNREACHABLE },
  brokers: arena.brokers,
  calls,
  load: { perSecond },
  fault: async (scene) => {
    await using idle = anotherClient(scene, { idle: true });
    await idle.said("answered");
    await arena.away((node) => node.stop());
    const [client, server] = await Promise.all(
      [idle, scene.servers[0]!].map(({ pid }) => coreOf(pid, 10_000)),
    );
    await arena.back();
    scene.healed();
    scene.notes.push(
      `idle client ${client!.toFixed(1)} % of a core, server ${server!.toFixed(1)} %`,
    );
    if (client! > IDLE_PERCENT) scene.faults.push(`an idle client takes ${client!.toFixed(1)} %`);
  },
});

/** Percent of a core that a process takes during a time. */
async function coreOf(pid: number, milliseconds: number): Promise<number> {
  // User and system time, in ticks of 10 ms: fields 14 and 15, counted behind the name's bracket.
  const ticks = async () => {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = await ticks();
  await lasts(milliseconds);
  return (await ticks() - before) * 10 / milliseconds * 100;
}

/** A client whose clock is wrong by some seconds, beside one whose clock is right. */
export function clockShifted(
  shiftMs: number,
  timeoutMs: number,
  expected: "ok" | "deadline_exceeded",
): MakeRow {
  return ({ brokers }, { calls, perSecond }) => ({
    name: `client clock ${shiftMs > 0 ? "+" : ""}${shiftMs / 1_000} s, ${
      timeoutMs / 1_000
    } s a call`,
    brokers,
    calls,
    load: { perSecond },
    fault: async (scene) => {
      using clock = new SteppedClock(shiftMs);
      await using client = anotherClient(scene, { clock, timeoutMs, calls: 100 });
      const { outcomes } = await client.said("done") as unknown as { outcomes: Outcome[] };
      note(scene, outcomes, expected);
    },
  });
}

/** Tells what became of another client's calls, all of which should have ended in one way. */
export function note(scene: Scene, outcomes: readonly Outcome[], expected: string): void {
  const slowest = Math.max(...outcomes.map(({ begunAt, settledAt }) => settledAt - begunAt));
  const byStatus = Map.groupBy(outcomes, ({ status, stage }) => `${status} ${stage ?? ""}`.trim());
  const text = [...byStatus].map(([status, { length }]) => `${status} ${length}`).join(", ");
  scene.notes.push(`other client: ${text}, the slowest after ${Math.round(slowest)} ms`);
  const other = outcomes.find(({ status }) => status !== expected);
  if (other !== undefined) {
    scene.faults.push(`another client got ${other.status}: ${other.message}`);
  }
}

/** Starts a client in a process of its own on the topics of the scene. */
export function anotherClient(
  scene: Scene,
  options: ChildOptions & { timeoutMs?: number; calls?: number; idle?: boolean },
): Child {
  const { timeoutMs = 20_000, calls, idle, ...child } = options;
  const setup: ClientSetup = {
    options: { brokers: scene.brokers, topic: scene.topic, clientId: "other" },
    load: { perSecond: 50, timeoutMs },
    calls,
    idle,
  };
  return new Child("client.ts", setup, child);
}
