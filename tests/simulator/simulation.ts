/**
 * One run: servers, clients, calls and faults that a seed decides, on a clock of its own.
 *
 * @module
 */
import { delay } from "../../src/async/delay.ts";
import { Clients } from "./clients.ts";
import { FAULTS } from "./faults.ts";
import { type Fault, pick, type Stage } from "./stage.ts";
import { harmOf, Incidents, SESSION_HARM_MS } from "./incidents.ts";
import { strikeDirectly } from "./mishaps.ts";
import { judge } from "./oracle.ts";
import { Servers } from "./servers.ts";
import { Streams } from "./streams.ts";
import { World } from "./world.ts";

const BROKERS = 3;
const SERVERS = 2;
const CLIENTS = 2;
const CALLS = 200;
const STRIKES = 5;
/** In some runs brokers accept an authentication for so long. */
const SESSION_MS = 15_000;
/** Calls begin and faults strike within this time; the rest of the minute is for the recovery. */
const BUSY_MS = 40_000;
const MINUTE_MS = 60_000;
/** Longest start and longest end. */
const START_MS = 60_000;
const CLOSE_MS = 20_000;
/** What is answered is committed within this time. */
const LAG_MS = 10_000;

/** What is simulated besides calls. */
export interface SimulationOptions {
  /** Streams of each client. */
  readonly streams?: number;
}

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
 * @param options `streams`: how many each client takes besides its calls. Default: none.
 * @returns What it showed.
 */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<RunReport> {
  using world = new World(seed, BROKERS);
  const streams = new Streams();
  const servers = new Servers(world, streams);
  const clients = new Clients(world, streams);
  const incidents = new Incidents();
  const stage: Stage = { world, servers, clients, incidents };
  const met = new Map<string, number>();
  world.onMishap.add((mishap, api) => {
    const name = `${mishap} ${api}`;
    met.set(name, (met.get(name) ?? 0) + 1);
    incidents.add(name, harmOf(mishap, api));
  });
  world.onAbsent.add(() => void incidents.add("member could not leave", SESSION_HARM_MS));
  if (seed % 3 === 0) world.network.sessionMs = SESSION_MS;
  const broken = await play(stage, seed, options);
  const { outcomes, expected } = clients;
  broken.push(...judge({ outcomes, expected, incidents, servers, lost: world.lost }));
  broken.push(...streams.judge(incidents));
  if (world.breaches.length > 0) broken.push(`${world.breaches.length}: ${world.breaches[0]}`);
  for (const { call, status, settledAt } of outcomes) {
    world.events.push(`${settledAt.toFixed(3)} ${call} ${status}`);
  }
  for (const { call, status, values, endedAt } of streams.outcomes) {
    world.events.push(`${endedAt.toFixed(3)} ${call} ${status} ${values}`);
  }
  return { seed, broken, hash: await hashOf(world.events), met, events: world.events };
}

/** Lets everything happen; gives what did not end in time. */
async function play(
  stage: Stage,
  seed: number,
  { streams }: SimulationOptions,
): Promise<string[]> {
  const { world, servers, clients } = stage;
  const broken: string[] = [];
  const step = async (what: string, work: Promise<unknown>[], withinMs: number) => {
    try {
      await world.run(Promise.all(work), withinMs);
    } catch (error) {
      broken.push(`${what}: ${error}`);
    }
  };
  const striking = Promise.all([strikes(stage), strikeDirectly(stage, seed)])
    .catch((error) => void broken.push(`a fault: ${error}`));
  const starting = Array.from({ length: SERVERS }, () => servers.start());
  await step("start", starting, START_MS);
  const calling = Array.from(
    { length: CLIENTS },
    () => clients.begin(CALLS / CLIENTS, BUSY_MS, streams),
  );
  await step("calls", [...calling, striking], START_MS + MINUTE_MS);
  const { clock, cluster } = world;
  const isDone = () => cluster.lagOf("commands-servers", "commands") === 0n;
  if (!await clock.until(isDone, clock.now() + LAG_MS)) {
    broken.push(`the lag does not end: ${cluster.offsetsOf("commands-servers", "commands")}`);
  }
  if (clients.pending > 0) broken.push(`${clients.pending} calls are pending`);
  await step("close", [clients.close(), servers.close()], CLOSE_MS);
  return broken;
}

/** Lets faults strike one after the other or at once, as chance wants it. */
async function strikes(stage: Stage): Promise<void> {
  const { clock } = stage.world;
  const chosen = Array.from({ length: STRIKES }, () => {
    return { fault: pick(stage.world, FAULTS), at: clock.random() * BUSY_MS };
  });
  await Promise.all(chosen.map(({ fault, at }) => strike(stage, fault, at)));
}

async function strike(stage: Stage, fault: Fault, at: number): Promise<void> {
  const forMs = stage.world.clock.random() * fault.mostMs;
  await delay(at);
  stage.world.note(`${fault.name} for ${forMs.toFixed(0)} ms`);
  const end = fault.strike(stage, forMs);
  await delay(forMs);
  await end();
}

async function hashOf(events: readonly string[]): Promise<string> {
  const bytes = new TextEncoder().encode(events.join("\n"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.toHex().slice(0, 16);
}
