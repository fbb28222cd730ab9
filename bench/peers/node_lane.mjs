/**
 * What a program of a lane in Node does: makes the calls that lines of its standard input ask for
 * (lane.ts has the list), and ends with it.
 */
import process from "node:process";
import { createInterface } from "node:readline";

/** @param {() => Promise<unknown>} call Makes one call. */
export async function runLane(call) {
  await call();
  console.log('"ready"');
  for await (const line of createInterface({ input: process.stdin })) {
    const [what, ...numbers] = line.split(" ");
    const does = { closed, burst, open, heap }[what];
    if (does === undefined) throw new Error(`cannot do "${line}"`);
    console.log(JSON.stringify(await does(call, ...numbers.map(Number))));
  }
  process.exit(0);
}

async function closed(call, count, inFlight) {
  if (inFlight !== 1) throw new Error("makes one call at a time");
  const times = [];
  for (let index = 0; index < count; index++) {
    const began = performance.now();
    await call();
    times.push(performance.now() - began);
  }
  return times;
}

async function burst(call, count) {
  const began = performance.now();
  await Promise.all(Array.from({ length: count }, call));
  return performance.now() - began;
}

/** As open_loop.ts does it. */
async function open(call, rate, count, maxInFlight) {
  const outcome = { latencies: [], late: [], failed: 0 };
  const began = performance.now();
  let inFlight = 0;
  let free = () => {};
  const freed = () => new Promise((resolve) => free = resolve);
  const begin = async (due) => {
    inFlight++;
    outcome.late.push(performance.now() - due);
    try {
      await call();
      outcome.latencies.push(performance.now() - due);
    } catch {
      outcome.failed++; // printed beside the latencies
    }
    inFlight--;
    free();
  };
  for (let index = 0; index < count;) {
    const due = began + index * 1_000 / rate;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    else if (inFlight === maxInFlight) await freed();
    else void begin(due), index++;
  }
  while (inFlight > 0) await freed();
  return { ...outcome, took: performance.now() - began };
}

/** With --expose-gc. */
function heap() {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
