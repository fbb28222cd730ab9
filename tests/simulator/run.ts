/**
 * Runs simulations: `--seed N` one, with all that happened; `--seeds N` so many from `--first N` on,
 * with `--until-failure` only up to the first that fails. `--streams N`: each client takes so many
 * streams besides.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { APIS } from "./mishaps.ts";
import { MISHAPS } from "./network.ts";
import { metIn, runSeeds } from "./seeds.ts";
import { simulate } from "./simulation.ts";

const { seed, seeds, first, streams, "until-failure": untilFailure } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "200" },
    first: { type: "string", default: "1" },
    streams: { type: "string", default: "0" },
    "until-failure": { type: "boolean", default: false },
  },
}).values;

if (seed !== undefined) {
  const { broken, hash, events } = await simulate(whole("seed", seed), {
    streams: whole("streams", streams),
  });
  for (const event of events) console.log(event);
  console.log(`seed ${seed}, hash ${hash}`);
  for (const one of broken) console.log(`✘ ${one}`);
  Deno.exit(broken.length === 0 ? 0 : 1);
}

const start = performance.now();
const enough = new AbortController();
const reports = await runSeeds({
  first: whole("first", first),
  count: whole("seeds", seeds),
  streams: whole("streams", streams),
  onReport({ seed, broken }) {
    if (broken.length === 0) return;
    console.log(`seed ${seed}: ${broken.join("; ")}`);
    if (untilFailure) enough.abort();
  },
  signal: enough.signal,
});
const met = metIn(reports);
console.log("How often each mishap met each request:");
console.log(["", ...MISHAPS].map((name) => name.padEnd(15)).join("  ").trimEnd());
for (const api of APIS) {
  const row = MISHAPS.map((mishap) => String(met.get(`${mishap} ${api}`) ?? 0));
  console.log([api.padEnd(21), ...row.map((cell) => cell.padEnd(15))].join("  ").trimEnd());
}
const failed = reports.filter(({ broken }) => broken.length > 0).length;
const seconds = ((performance.now() - start) / 1_000).toFixed(1);
console.log(`${reports.length - failed} seeds passed, ${failed} failed, ${seconds} s`);
Deno.exit(failed === 0 ? 0 : 1);

function whole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`Cannot use --${name} ${text}: it is not a whole number. Give one, as in 42.`);
}
