/**
 * What an expression costs in each isolation, beside a command in the server's own process, and
 * beside children that do nothing but make a realm and evaluate in it. KAFKA_BROKERS names the
 * broker: `KAFKA_BROKERS=127.0.0.1:9092 deno run -A bench/expressions.ts`.
 *
 * @module
 */
import { type Client, connect, serve, type ServeOptions, silentLogger } from "@kafka-rpc/deno";
import { median } from "./measure.ts";
import { removeTopics, scratchTopic } from "../tools/scratch_topics.ts";

const BLOCK_CALLS = 100;
const ROUNDS = 3;

interface Row {
  readonly name: string;
  readonly options: ServeOptions;
  readonly call: (client: Client) => Promise<unknown>;
  /** Calls of a burst, all at once. */
  readonly burst: number;
}

const evaluate = (client: Client) => client.call("eval", "1 + 1");
const ROWS: readonly Row[] = [
  {
    name: "add, in process",
    options: { commands: { add: ({ a, b }: { a: number; b: number }) => a + b } },
    call: (client) => client.call("add", { a: 1, b: 1 }),
    burst: 1_000,
  },
  { name: "eval, realm", options: { evaluate: true }, call: evaluate, burst: 1_000 },
  {
    name: "eval, process",
    options: { evaluate: { isolation: "process" } },
    call: evaluate,
    burst: 20,
  },
];

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

/** Realms a second that two children make and evaluate in, when they do nothing else. */
async function realmsAlone(): Promise<number> {
  const source = `import { constants, createContext, Script } from "node:vm";
    const script = new Script("(() => { const run = eval; return (code) => String(run(code)) })()");
    const made = () => script.runInContext(createContext(constants.DONT_CONTEXTIFY))("1 + 1");
    for (let i = 0; i < 200; i++) made();
    const start = performance.now();
    for (let i = 0; i < 500; i++) {
      made();
      if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    console.log(500_000 / (performance.now() - start));`;
  const rates = await Promise.all([1, 2].map(async () => {
    const flags = ["--no-prompt", "--v8-flags=--no-compilation-cache"];
    const args = ["run", ...flags, `data:text/javascript,${encodeURIComponent(source)}`];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
    return Number(new TextDecoder().decode(stdout));
  }));
  return rates.reduce((sum, rate) => sum + rate, 0);
}

async function main(): Promise<void> {
  const brokers = (Deno.env.get("KAFKA_BROKERS") ?? "127.0.0.1:9092").split(",");
  await using parts = new AsyncDisposableStack();
  const lanes: { row: Row; client: Client; blocks: number[]; bursts: number[] }[] = [];
  for (const row of ROWS) {
    const topic = scratchTopic("expressions");
    parts.defer(async () => void await removeTopics(brokers, topic));
    parts.use(await serve({ ...row.options, brokers, topic, logger: silentLogger }));
    const client = parts.use(await connect({ brokers, topic }));
    lanes.push({ row, client, blocks: [], bursts: [] });
    const warmUp = Math.min(200, row.burst);
    await Promise.all(Array.from({ length: warmUp }, () => row.call(client)));
  }
  const alone: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const { row, client, blocks, bursts } of lanes) {
      blocks.push(
        await seconds(async () => {
          for (let call = 0; call < BLOCK_CALLS; call++) await row.call(client);
        }),
      );
      const calls = Array.from({ length: row.burst });
      bursts.push(
        row.burst / await seconds(() => Promise.all(calls.map(() => row.call(client)))),
      );
    }
    alone.push(await realmsAlone());
  }
  console.log(`Median of ${ROUNDS} rounds; in brackets the best.`);
  for (const { row, blocks, bursts } of lanes) {
    const block = `${median(blocks).toFixed(3)} s (${Math.min(...blocks).toFixed(3)})`;
    const burst = `${Math.round(median(bursts))}/s (${Math.round(Math.max(...bursts))})`;
    console.log(`${row.name.padEnd(16)} ${BLOCK_CALLS} calls: ${block}   burst: ${burst}`);
  }
  const best = Math.round(Math.max(...alone));
  console.log(`two children that only make realms: ${Math.round(median(alone))}/s (${best})`);
}

if (import.meta.main) await main();
