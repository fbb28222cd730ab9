/**
 * What a sandbox costs, without Kafka: its start, a round trip, a kill, memory. And calls over Kafka
 * of a command that waits, with as many sandboxes as a server has by default.
 *
 * @module
 */
import { childCommand } from "../../src/executor/deno_command.ts";
import type { Executor, Job } from "../../src/executor/executor.ts";
import { InProcessExecutor } from "../../src/executor/in_process.ts";
import { Pool } from "../../src/executor/pool.ts";
import { ProcessSandbox } from "../../src/executor/process_sandbox.ts";
import type { Sandbox } from "../../src/executor/sandbox.ts";
import { WorkerSandbox } from "../../src/executor/worker_sandbox.ts";
import { silentLogger as logger } from "../../src/logging/logger.ts";
import { codecsWith } from "../../src/wire/codecs/codecs.ts";
import { RpcError } from "../../src/wire/errors.ts";
import * as commands from "../contestants/commands.ts";
import { startLanes } from "../lanes/start_lanes.ts";
import { warmUp } from "../lanes/rounds.ts";
import { median } from "../measuring/statistics.ts";
import { usageOf } from "../measuring/usage.ts";
import type { FigureName } from "../report/figures.ts";
import { type Row, sample, type Table } from "../report/results.ts";
import { startEchoes } from "./echoes.ts";
import type { SectionPlace } from "./section.ts";

const MODULE = new URL("../contestants/commands.ts", import.meta.url);
/** Calls of the command that waits, all at once. */
const WAITING_CALLS = 200;
/** Name of the row of that command over Kafka. */
export const WAIT_OVER_KAFKA = "wait 50 ms, process (kafkajs)";
const MEMORY_MB = 256;
const boot = { module: MODULE.href, resultBytes: 1_000_000 };
const codec = codecsWith();
const unaborted = new AbortController().signal;

function jobOf(command: string, input: unknown): Job {
  const context = { id: "bench", command, deadline: Infinity, attempt: 1, metadata: {} };
  return { input: codec.encode(input), context, resultAs: "value" };
}

const ADD = jobOf("add", { a: 1, b: 2 });
const WAIT = jobOf("wait", 50);

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Proportional set size where the system has it: shared pages are counted once for all children. */
function pssMiB(pid: number): number | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const rollup = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) / 1024;
}

/** Median start of a sandbox, in milliseconds, and the memory of each of four that live together. */
async function starts(start: () => Promise<Sandbox>): Promise<{ ms: number; pss: number[] }> {
  const times: number[] = [];
  for (let i = 0; i < 9; i++) {
    let sandbox: Sandbox | undefined;
    times.push(await time(async () => sandbox = await start()));
    await sandbox?.close();
  }
  const four = await Promise.all([start(), start(), start(), start()]);
  for (const sandbox of four) await sandbox.run(ADD, unaborted);
  const pss = four.flatMap((sandbox) => {
    const figure = sandbox instanceof ProcessSandbox ? pssMiB(sandbox.pid) : undefined;
    return figure === undefined ? [] : [figure];
  });
  await Promise.all(four.map((sandbox) => sandbox.close()));
  return { ms: median(times), pss };
}

/** Milliseconds from the deadline of a command that never yields to the answer of the next one. */
async function killToReady(start: () => Promise<Sandbox>): Promise<number> {
  await using pool = await Pool.start({ start, size: 2, runsPerSandbox: Infinity, logger });
  const times: number[] = [];
  for (let i = 0; i < 9; i++) {
    await Promise.all([pool.run(jobOf("wait", 20), unaborted), pool.run(ADD, unaborted)]);
    const controller = new AbortController();
    const looping = pool.run(jobOf("loop", undefined), controller.signal);
    await pool.run(ADD, unaborted); // the loop has begun: this one got the spare
    controller.abort(new RpcError("deadline_exceeded", "bench"));
    await looping;
    times.push(await time(() => pool.run(ADD, unaborted)));
    // A warm spare is there again only when both sandboxes answer at a time.
    await Promise.all([
      pool.run(jobOf("wait", 5), unaborted),
      pool.run(jobOf("wait", 5), unaborted),
    ]);
  }
  return median(times);
}

/** Calls a second, with so many sandboxes that each have one call in flight. */
async function rate(start: () => Promise<Sandbox>, size: number): Promise<number> {
  await using pool = await Pool.start({ start, size, runsPerSandbox: Infinity, logger });
  const count = 2_000;
  await Promise.all(Array.from({ length: size }, () => pool.run(jobOf("wait", 50), unaborted)));
  const ms = await time(() => runAll(pool, ADD, { count, atATime: size }));
  return Math.round(count / ms * 1_000);
}

/** Runs a job so often, so many at a time. */
async function runAll(
  pool: Executor,
  job: Job,
  { count, atATime }: { count: number; atATime: number },
): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left-- > 0) await pool.run(job, unaborted);
  };
  await Promise.all(Array.from({ length: atATime }, lane));
}

/**
 * Calls of a command, as many at a time as a server with two cores lets run by default: calls a
 * second, and processor time a call of this process and its children, in microseconds.
 */
async function inFlight(
  start: () => Promise<ProcessSandbox>,
  { job, calls, callsPerSandbox }: { job: Job; calls: number; callsPerSandbox: number },
): Promise<{ calls: number; micros: number }> {
  await using pool = await Pool.start({
    start,
    size: 3,
    runsPerSandbox: Infinity,
    callsPerSandbox,
    logger,
  });
  const burst = (count: number) =>
    runAll(pool, job, { count, atATime: Math.min(count, 2 * callsPerSandbox) });
  await burst(Math.min(calls, 500));
  const before = usageOf([Deno.pid]).cpuSeconds;
  const ms = await time(() => burst(calls));
  const micros = (usageOf([Deno.pid]).cpuSeconds - before) / calls * 1e6;
  return { calls: calls / ms * 1_000, micros };
}

/** Median round trips in microseconds; the contestants alternate, call by call. */
async function roundTrips(
  contestants: Record<string, () => Promise<unknown>>,
): Promise<Record<string, number>> {
  const times: Record<string, number[]> = {};
  for (let i = 0; i < 1_500; i++) {
    for (const [name, once] of Object.entries(contestants)) {
      const took = await time(once);
      if (i >= 500) (times[name] ??= []).push(took * 1_000);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
}

function rowOf(name: string, figures: Partial<Record<FigureName, number>>): Row {
  const row: Row = { name, samples: {} };
  for (const [figure, value] of Object.entries(figures)) {
    sample(row, figure as FigureName, value);
  }
  return row;
}

async function withoutKafka(quick: boolean): Promise<Row[]> {
  const command = await childCommand({ module: MODULE, permissions: {}, memoryMb: MEMORY_MB });
  const memoryMb = MEMORY_MB;
  const startProcess = (signal = unaborted) =>
    ProcessSandbox.start({ command, boot, memoryMb, logger, signal });
  const startWorker = (signal = unaborted) => WorkerSandbox.start(boot, signal);
  const kinds = { process: startProcess, worker: startWorker };
  const one = { size: 1, runsPerSandbox: Infinity, logger };
  await using process = await Pool.start({ start: startProcess, ...one });
  await using worker = await Pool.start({ start: startWorker, ...one });
  const inProcess = new InProcessExecutor({ add: commands.add });
  await using parts = new AsyncDisposableStack();
  const echoes = startEchoes(parts);
  const add = (executor: Executor) => () => executor.run(ADD, unaborted);
  const trips = await roundTrips({
    none: add(inProcess),
    worker: add(worker),
    process: add(process),
    ...echoes,
  });
  const rows = [rowOf("none", { trip: trips["none"]! })];
  for (const [name, start] of Object.entries(kinds)) {
    const { ms, pss } = await starts(start);
    const kill = name === "process" ? await killToReady(startProcess) : NaN;
    rows.push(rowOf(name, { start: ms, trip: trips[name]!, pss: median(pss), kill }));
  }
  for (const name of Object.keys(echoes)) rows.push(rowOf(name, { trip: trips[name]! }));
  if (quick) return rows;
  for (const [name, start] of Object.entries(kinds)) {
    for (const size of [1, 2, 4]) {
      rows.push(rowOf(`add, ${size} × ${name}, a call each`, { calls: await rate(start, size) }));
    }
  }
  for (const [name, job, calls] of [["add", ADD, 5_000], ["wait 50 ms", WAIT, 200]] as const) {
    for (const callsPerSandbox of [1, 16, 64, 256]) {
      const figures = await inFlight(startProcess, { job, calls, callsPerSandbox });
      rows.push(rowOf(`${name}, 3 × process, ${callsPerSandbox} calls each`, figures));
    }
  }
  return rows;
}

/** Many calls at once of a command that waits, at the defaults. */
async function waitOverKafka(place: SectionPlace): Promise<Row[]> {
  await using parts = new AsyncDisposableStack();
  const lanes = await startLanes([{ contestant: WAIT_OVER_KAFKA }], { ...place, parts });
  const row = rowOf(WAIT_OVER_KAFKA, {});
  for (const lane of lanes) {
    await warmUp([lane], () => WAITING_CALLS);
    for (let round = 0; round < 5; round++) {
      sample(row, "burst", WAITING_CALLS / await lane.burst(WAITING_CALLS) * 1_000);
    }
    sample(row, "resident", lane.usage().residentBytes / 1e6);
  }
  return [row];
}

/** Measures sandboxes. */
export async function sandboxes(place: SectionPlace): Promise<Omit<Table, "section">[]> {
  return [
    { title: "Sandboxes, without Kafka", rows: await withoutKafka(place.quick) },
    {
      title: `${WAITING_CALLS} calls at once of a command that waits`,
      rows: await waitOverKafka(place),
    },
  ];
}
