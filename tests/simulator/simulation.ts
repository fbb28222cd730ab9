/**
 * One run: servers, clients, calls and faults that a seed decides, on a clock of its own.
 *
 * @module
 */
import { type Client, connect } from "@kafka-rpc/deno";
import { delay } from "../../src/async/delay.ts";
import { Calls } from "./calls.ts";
import { type Fault, FAULTS, type Stage } from "./faults.ts";
import { judge, type Struck } from "./oracle.ts";
import { Servers } from "./servers.ts";
import { World } from "./world.ts";

const BROKERS = 3;
const SERVERS = 2;
const CLIENTS = 2;
const CALLS = 200;
const STRIKES = 5;
/** Calls begin and faults strike within this time; the rest of the minute is for the recovery. */
const BUSY_MS = 40_000;
const MINUTE_MS = 60_000;
/** Longest start and longest end. */
const START_MS = 60_000;
const CLOSE_MS = 20_000;
/** What is answered is committed within this time. */
const LAG_MS = 10_000;

/** What a run showed. */
export interface RunReport {
  readonly seed: number;
  /** What was promised and not kept; empty where all is well. */
  readonly broken: readonly string[];
  /** The same for the same seed. */
  readonly hash: string;
  /** How often each mishap met each request, as in `reset Produce`. */
  readonly met: ReadonlyMap<string, number>;
  /** What happened, a line each. */
  readonly events: readonly string[];
}

/**
 * Runs a simulation.
 *
 * @param seed What decides it.
 * @returns What it showed.
 */
export async function simulate(seed: number): Promise<RunReport> {
  using world = new World(seed, BROKERS);
  const { clock } = world;
  const servers = new Servers(world);
  const calls = new Calls();
  const met = new Map<string, number>();
  const struck: Struck[] = [];
  const broken: string[] = [];
  const stage: Stage = {
    world,
    servers,
    onMet(mishap, api) {
      met.set(`${mishap} ${api}`, (met.get(`${mishap} ${api}`) ?? 0) + 1);
      world.note(`${mishap} ${api}`);
    },
  };
  const step = async (what: string, work: Promise<unknown>, withinMs: number) => {
    try {
      await world.run(work, withinMs);
    } catch (error) {
      broken.push(`${what}: ${error}`);
    }
  };
  const striking = strikes(stage, struck);
  await step(
    "start",
    Promise.all(Array.from({ length: SERVERS }, () => servers.start())),
    START_MS,
  );
  const clients = new Map<Client, () => Promise<void>>();
  const opening = Array.from({ length: CLIENTS }, async (_, index) => {
    const program = world.begin(`client-${index + 1}`);
    await clock.as(program, async () => {
      const client = await connect({
        topic: "commands",
        createTopics: { partitions: 4 },
        connectTimeoutMs: 30_000,
        transport: world.transport(program),
        logger: world.log(program),
        retry: { attempts: 5 },
      });
      clients.set(client, () => clock.as(program, () => client.close()));
      await calls.make(client, CALLS / CLIENTS, BUSY_MS);
    });
  });
  await step("calls", Promise.all([...opening, striking]), START_MS + MINUTE_MS);
  const isDone = () => world.cluster.lagOf("commands-servers", "commands") === 0n;
  if (!await clock.until(isDone, clock.now() + LAG_MS)) broken.push("the lag does not end");
  const pending = [...clients.keys()].reduce((sum, { counts }) => sum + counts.pending, 0);
  if (pending > 0) broken.push(`${pending} calls are pending`);
  const closes = [...clients.values()].map((close) => close());
  await step("close", Promise.all([...closes, servers.close()]), CLOSE_MS);
  const { outcomes } = calls;
  broken.push(...judge({ outcomes, expected: CALLS, struck, servers, lost: world.lost }));
  for (const { call, status, settledAt } of outcomes) {
    world.events.push(`${settledAt.toFixed(3)} ${call} ${status}`);
  }
  return { seed, broken, hash: await hashOf(world.events), met, events: world.events };
}

/** Lets faults strike one after the other or at once, as chance wants it. */
async function strikes(stage: Stage, struck: Struck[]): Promise<void> {
  const { clock } = stage.world;
  const chosen = Array.from({ length: STRIKES }, () => {
    const fault = FAULTS[Math.floor(clock.random() * FAULTS.length)]!;
    return { fault, at: clock.random() * BUSY_MS };
  });
  await Promise.all(chosen.map(({ fault, at }) => strike(stage, fault, at, struck)));
}

async function strike(stage: Stage, fault: Fault, at: number, struck: Struck[]): Promise<void> {
  const { clock } = stage.world;
  const { name, sessionMs = 0 } = fault;
  const forMs = clock.random() * fault.mostMs;
  await delay(at);
  const begunAt = clock.now();
  const end = fault.strike(stage, forMs);
  stage.world.note(`${name} for ${forMs.toFixed(0)} ms`);
  const index = struck.push({ name, at, forMs, begunAt, endedAt: Infinity, sessionMs }) - 1;
  await delay(forMs);
  end();
  struck[index] = { ...struck[index]!, endedAt: clock.now() };
}

async function hashOf(events: readonly string[]): Promise<string> {
  const bytes = new TextEncoder().encode(events.join("\n"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.toHex().slice(0, 16);
}
