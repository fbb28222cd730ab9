/**
 * Calls of this package beside those of others, on the same broker, in alternating rounds:
 *
 *     deno task bench:peers [--quick] [--only spring,nats,…] [--out folder]
 *     deno task bench:peers --render [--out folder]   writes docs/performance.md, as bench does
 *
 * It installs the others first. One that can't be had is left out, with a line that says why.
 *
 * @module
 */
import { Lane } from "../lanes/lane.ts";
import { measureRates } from "../lanes/rates.ts";
import { measureIdle, measureMemory, measureRounds, roundsOf } from "../lanes/rounds.ts";
import { newTopic, type Place, RAW_PARTITIONS, startLane } from "../lanes/start_lanes.ts";
import { readOptions } from "../options.ts";
import { brokerPidsOfRun, brokersOfRun, runProgram } from "../program.ts";
import { render } from "../report/render.ts";
import { addTable, conclude, type RunLog } from "../report/report.ts";
import { javaLoop, spring } from "./jvm.ts";
import { nats } from "./nats.ts";
import { nestjs } from "./nestjs.ts";
import { OWN_LANES, settingsOf } from "./own.ts";
import { MissingError, type Peer, type PeerLane } from "./peer.ts";

const PEERS: Readonly<Record<string, Peer>> = { java: javaLoop, spring, nats, nestjs };
const NAMES = [...Object.keys(OWN_LANES), ...Object.keys(PEERS)];
const RATE = 1_000;

/** Lanes, and the linger and acks of each by its name. */
interface Started {
  readonly lanes: Lane[];
  readonly settings: Map<string, string>;
}

async function startPeer({ name, repliesTopic, program }: PeerLane, place: Place): Promise<Lane> {
  const topic = await newTopic(place, RAW_PARTITIONS, repliesTopic);
  try {
    return place.parts.use(await Lane.start(name, [program(topic)], place.signal));
  } catch (error) {
    place.signal.throwIfAborted();
    throw new MissingError(`${name} did not start: ${(error as Error).message}`);
  }
}

/** Installs and starts the chosen ones; notes those that can't be had. */
async function start(only: readonly string[], place: Place, run: RunLog): Promise<Started> {
  const started: Started = { lanes: [], settings: new Map() };
  const add = (lane: Lane, settings: string) => {
    started.lanes.push(lane);
    started.settings.set(lane.name, settings);
  };
  for (const name of NAMES.filter((known) => only.includes(known))) {
    for (const plan of OWN_LANES[name] ?? []) {
      add(await startLane(plan, place), settingsOf(plan.contestant));
    }
    if (PEERS[name] === undefined) continue;
    try {
      const { versions, lanes } = await PEERS[name](place);
      Object.assign(run.versions, versions);
      for (const plan of lanes) add(await startPeer(plan, place), plan.settings);
    } catch (error) {
      if (!(error instanceof MissingError)) throw error;
      const text = `${name} was left out: ${error.message}`;
      console.log(text);
      run.skipped.push(text);
    }
  }
  return started;
}

async function main(signal: AbortSignal): Promise<void> {
  const { only, quick, out, render: renders } = readOptions(Deno.args, NAMES);
  if (renders) {
    console.log(`Written: ${(await render(out)).join(", ")}.`);
    return;
  }
  const run: RunLog = {
    task: "bench:peers",
    args: Deno.args,
    startedBroker: brokerPidsOfRun().length > 0,
    began: performance.now(),
    tables: [],
    skipped: [],
    versions: {},
  };
  await using parts = new AsyncDisposableStack();
  const { lanes, settings } = await start(only, { brokers: brokersOfRun(), signal, parts }, run);
  if (lanes.length > 0) await measure(lanes, settings, quick, run);
  await conclude(run, out);
}

async function measure(
  lanes: readonly Lane[],
  settings: ReadonlyMap<string, string>,
  quick: boolean,
  run: RunLog,
): Promise<void> {
  const [rounds, blocks, burst] = quick ? [2, 1, 2_000] : [3, 4, 10_000];
  const measured = await measureRounds(lanes, { rounds, blocks, burst: () => burst });
  await measureMemory(measured);
  await measureIdle(measured, quick ? 5_000 : 20_000);
  const title = `Both sides in one process: ${roundsOf(rounds, blocks, burst)}`;
  const rows = measured.map(({ lane, row }) => ({ ...row, settings: settings.get(lane.name)! }));
  addTable(run, { section: "peers", title, rows });
  addTable(run, { section: "open", ...await measureRates(lanes, [RATE], quick ? 3 : 8) });
}

if (import.meta.main) await runProgram(main);
