/**
 * What a call costs beside a raw loop on the same Kafka client and broker, and what else there is to
 * measure, in sections. `deno task bench` finds or starts the broker and runs this:
 *
 *     deno task bench [--quick] [--only loops,open,…] [--out folder]
 *     deno task bench --render [--out folder]     writes docs/performance.md from the figures
 *
 * @module
 */
import { readOptions } from "./options.ts";
import { brokerPidsOfRun, brokersOfRun, runProgram } from "./program.ts";
import { render } from "./report/render.ts";
import { addTable, conclude, type RunLog } from "./report/report.ts";
import { SECTIONS } from "./sections/sections.ts";

async function main(signal: AbortSignal): Promise<void> {
  const options = readOptions(Deno.args, Object.keys(SECTIONS));
  if (options.render) {
    console.log(`Written: ${(await render(options.out)).join(", ")}.`);
    return;
  }
  const [brokers, brokerPids] = [brokersOfRun(), brokerPidsOfRun()];
  console.log(
    `Kafka at ${brokers}; Deno ${Deno.version.deno}; ${navigator.hardwareConcurrency} cores.\n` +
      "A figure is the median of its rounds.",
  );
  const run: RunLog = {
    task: "bench",
    args: Deno.args,
    startedBroker: brokerPids.length > 0,
    began: performance.now(),
    tables: [],
    skipped: [],
    versions: {},
  };
  for (const name of Object.keys(SECTIONS)) {
    if (!options.only.includes(name)) continue;
    await using parts = new AsyncDisposableStack();
    const place = { brokers, brokerPids, signal, parts, quick: options.quick };
    for (const table of await SECTIONS[name]!(place)) addTable(run, { section: name, ...table });
  }
  await conclude(run, options.out);
}

if (import.meta.main) await runProgram(main);
