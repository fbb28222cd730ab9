/**
 * Runs simulations: `--seed N` one, with all that happened; `--seeds N` the first so many.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { APIS } from "./faults.ts";
import { MISHAPS } from "./network.ts";
import { simulate } from "./simulation.ts";

const { seed, seeds } = parseArgs({
  options: { seed: { type: "string" }, seeds: { type: "string", default: "200" } },
}).values;

if (seed !== undefined) {
  const { broken, hash, events } = await simulate(whole("seed", seed));
  for (const event of events) console.log(event);
  console.log(`seed ${seed}, hash ${hash}`);
  for (const one of broken) console.log(`✘ ${one}`);
  Deno.exit(broken.length === 0 ? 0 : 1);
}

const count = whole("seeds", seeds);
const met = new Map<string, number>();
let failed = 0;
const start = performance.now();
for (let one = 1; one <= count; one++) {
  const report = await simulate(one);
  for (const [name, times] of report.met) met.set(name, (met.get(name) ?? 0) + times);
  if (report.broken.length === 0) continue;
  failed++;
  console.log(`seed ${one}: ${report.broken.join("; ")}`);
}
console.log(`How often each mishap met each request:`);
console.log(["", ...MISHAPS].map((name) => name.padEnd(15)).join(""));
for (const api of APIS) {
  const row = MISHAPS.map((mishap) => String(met.get(`${mishap} ${api}`) ?? 0).padEnd(15));
  console.log(`${api.padEnd(15)}${row.join("")}`);
}
const seconds = ((performance.now() - start) / 1_000).toFixed(1);
console.log(`${count - failed} seeds passed, ${failed} failed, ${seconds} s`);
Deno.exit(failed === 0 ? 0 : 1);

function whole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`Cannot use --${name} ${text}: it is not a whole number. Give one, as in 42.`);
}
