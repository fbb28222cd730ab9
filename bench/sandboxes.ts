/**
 * What a sandbox costs, without Kafka: its start, a round trip, a kill, memory.
 *
 * @module
 */
import { childCommand } from "../src/executor/deno_command.ts";
import type { Executor, Job } from "../src/executor/executor.ts";
import { InProcessExecutor } from "../src/executor/in_process.ts";
import { Pool } from "../src/executor/pool.ts";
import { ProcessSandbox } from "../src/executor/process_sandbox.ts";
import type { Sandbox } from "../src/executor/sandbox.ts";
import { WorkerSandbox } from "../src/executor/worker_sandbox.ts";
import { silentLogger as logger } from "../src/logging/logger.ts";
import { codecsWith } from "../src/wire/codecs/codecs.ts";
import { RpcError } from "../src/wire/errors.ts";
import { median } from "./measure.ts";
import * as commands from "./sandbox_commands.ts";
import { cpuSecondsOf } from "./usage.ts";

const MODULE = new URL("./sandbox_commands.ts", import.meta.url);
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

/** Proportional set size where the system tells it: shared pages are counted once for all children. */
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
): Promise<string> {
  const pids = [Deno.pid];
  await using pool = await Pool.start({
    start: async () => {
      const sandbox = await start();
      pids.push(sandbox.pid);
      return sandbox;
    },
    size: 3,
    runsPerSandbox: Infinity,
    callsPerSandbox,
    logger,
  });
  const burst = (count: number) =>
    runAll(pool, job, { count, atATime: Math.min(count, 2 * callsPerSandbox) });
  await burst(Math.min(calls, 500));
  // Elsewhere the system does not tell it of a process by its number.
  const used = () =>
    Deno.build.os === "linux" ? pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0) : NaN;
  const before = used();
  const ms = await time(() => burst(calls));
  const micros = (used() - before) / calls * 1e6;
  return `${callsPerSandbox}: ${Math.round(calls / ms * 1_000)} (${micros.toFixed(0)} µs)`;
}

/** Median round trips in microseconds; the contestants alternate, call by call. */
async function roundTrips(executors: Record<string, Executor>): Promise<Record<string, number>> {
  const times: Record<string, number[]> = {};
  for (let i = 0; i < 1_500; i++) {
    for (const [name, executor] of Object.entries(executors)) {
      const took = await time(() => executor.run(ADD, unaborted));
      if (i >= 500) (times[name] ??= []).push(took * 1_000);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
}

/**
 * Measures sandboxes.
 *
 * @returns The figures as text, a line each.
 */
export async function sandboxFigures(): Promise<string> {
  const command = await childCommand({ module: MODULE, permissions: {}, memoryMb: MEMORY_MB });
  const memoryMb = MEMORY_MB;
  const startProcess = (signal = unaborted) =>
    ProcessSandbox.start({ command, boot, memoryMb, logger, signal });
  const startWorker = (signal = unaborted) => WorkerSandbox.start(boot, signal);
  const lines: string[] = [];
  for (const [name, start] of Object.entries({ process: startProcess, worker: startWorker })) {
    const { ms, pss } = await starts(start);
    lines.push(`start of a ${name}: ${ms.toFixed(1)} ms`);
    if (pss.length > 0) {
      const each = pss.map((figure) => figure.toFixed(1)).join(", ");
      lines.push(`memory of each of four: ${each} MiB PSS`);
    }
  }
  {
    await using process = await Pool.start({
      start: startProcess,
      size: 1,
      runsPerSandbox: Infinity,
      logger,
    });
    await using worker = await Pool.start({
      start: startWorker,
      size: 1,
      runsPerSandbox: Infinity,
      logger,
    });
    const { add } = commands;
    const trips = await roundTrips({ none: new InProcessExecutor({ add }), worker, process });
    for (const [name, micros] of Object.entries(trips)) {
      lines.push(`warm round trip, isolation "${name}": ${micros.toFixed(0)} µs`);
    }
  }
  lines.push(
    `deadline to the next answer, with a spare: ${(await killToReady(startProcess)).toFixed(1)} ms`,
  );
  for (const [name, start] of Object.entries({ process: startProcess, worker: startWorker })) {
    const rates: string[] = [];
    for (const size of [1, 2, 4]) rates.push(`${size}: ${await rate(start, size)}`);
    lines.push(`calls a second by number of ${name} sandboxes: ${rates.join(", ")}`);
  }
  for (const [name, job, calls] of [["add", ADD, 5_000], ["wait 50 ms", WAIT, 200]] as const) {
    const figures: string[] = [];
    for (const callsPerSandbox of [1, 16, 64, 256]) {
      figures.push(await inFlight(startProcess, { job, calls, callsPerSandbox }));
    }
    const title = `calls a second of "${name}" in three processes, by callsPerSandbox`;
    lines.push(`${title}: ${figures.join(", ")}`);
  }
  return lines.join("\n");
}

if (import.meta.main) console.log(await sandboxFigures());
