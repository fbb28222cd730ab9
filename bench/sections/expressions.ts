/**
 * What an expression costs in each isolation, beside a command in the server's own process. And
 * where that goes: children that do nothing but make a realm and evaluate in it, and the sandboxes
 * of a server without Kafka, without a client and without the server.
 *
 * @module
 */
import { cpuUsage } from "node:process";
import { childCommand } from "../../src/executor/deno_command.ts";
import { Pool } from "../../src/executor/pool.ts";
import { ProcessSandbox } from "../../src/executor/process_sandbox.ts";
import { silentLogger as logger } from "../../src/logging/logger.ts";
import { codecsWith } from "../../src/wire/codecs/codecs.ts";
import type { ContestantName } from "../contestants/contestants.ts";
import { burstOf, measureRounds } from "../lanes/rounds.ts";
import { startLanes } from "../lanes/start_lanes.ts";
import { usageOf } from "../measuring/usage.ts";
import { type Row, sample, type Table } from "../report/results.ts";
import { countOf } from "../report/text.ts";
import type { SectionPlace } from "./section.ts";

const CONTESTANTS: readonly ContestantName[] = [
  "in process (kafkajs)",
  "eval, realm (kafkajs)",
  "eval, process (kafkajs)",
];
/** Name of the row of children without Kafka. */
export const REALMS_ALONE = "two children that only make realms";
/** Name of the row of sandboxes without Kafka. */
const SANDBOXES_ALONE = "sandboxes of a server, without Kafka";
/** Expressions of a burst. */
const BURST = 2_000;

/** What a burst took. */
interface Cost {
  readonly perSecond: number;
  /** Processor seconds of 1 000. */
  readonly cpu: number;
}

/** What two children take that make realms and evaluate in them, and do nothing else. */
async function realmsAlone(): Promise<Cost> {
  const source = `import { constants, createContext, Script } from "node:vm";
    import { cpuUsage } from "node:process";
    const script = new Script("(() => { const run = eval; return (code) => String(run(code)) })()");
    const made = () => script.runInContext(createContext(constants.DONT_CONTEXTIFY))("1 + 1");
    for (let i = 0; i < 200; i++) made();
    const [start, before] = [performance.now(), cpuUsage()];
    for (let i = 0; i < 500; i++) {
      made();
      if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const perSecond = 500_000 / (performance.now() - start);
    const { user, system } = cpuUsage(before);
    console.log(JSON.stringify({ perSecond, cpu: (user + system) / 500_000 }));`;
  const [one, other] = await Promise.all([1, 2].map(async () => {
    const flags = ["--no-prompt", "--v8-flags=--no-compilation-cache"];
    const args = ["run", ...flags, `data:text/javascript,${encodeURIComponent(source)}`];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
    return JSON.parse(new TextDecoder().decode(stdout)) as Cost;
  }));
  return { perSecond: one!.perSecond + other!.perSecond, cpu: (one!.cpu + other!.cpu) / 2 };
}

/**
 * Starts as many sandboxes as a server with two cores has. What it gives measures as many calls in
 * flight in them.
 */
async function startSandboxes(parts: AsyncDisposableStack): Promise<() => Promise<Cost>> {
  const memoryMb = 256;
  const command = await childCommand({ permissions: {}, memoryMb });
  const boot = { resultBytes: 1_000_000, realms: true };
  const pids: number[] = [];
  const start = async (signal: AbortSignal) => {
    const sandbox = await ProcessSandbox.start({ command, boot, memoryMb, logger, signal });
    pids.push(sandbox.pid);
    return sandbox;
  };
  const limits = { size: 3, runsPerSandbox: Infinity, callsPerSandbox: 64 };
  const pool = parts.use(await Pool.start({ start, ...limits, logger }));
  const input = codecsWith().encode("1 + 1");
  const context = { id: "bench", command: "eval", deadline: Infinity, attempt: 1, metadata: {} };
  const { signal } = new AbortController();
  /** Of this process without the others below it, and of the sandboxes. */
  const cpuSeconds = () => {
    const { user, system } = cpuUsage();
    return (user + system) / 1e6 + usageOf(pids).cpuSeconds;
  };
  return async () => {
    let left = BURST;
    const lane = async () => {
      while (left-- > 0) await pool.run({ input, context, resultAs: "value" }, signal);
    };
    const [start, before] = [performance.now(), cpuSeconds()];
    await Promise.all(Array.from({ length: 128 }, lane));
    const perSecond = BURST / (performance.now() - start) * 1_000;
    return { perSecond, cpu: (cpuSeconds() - before) / BURST * 1_000 };
  };
}

function note(row: Row, { perSecond, cpu }: Cost): void {
  sample(row, "burst", perSecond);
  sample(row, "cpu", cpu);
}

/** Measures them: a round of all, then the others alone, and again. */
export async function expressions(place: SectionPlace): Promise<Omit<Table, "section">[]> {
  const { quick } = place;
  const rounds = quick ? 2 : 3;
  await using parts = new AsyncDisposableStack();
  const contestants = quick ? CONTESTANTS.slice(0, 2) : CONTESTANTS;
  const lanes = await startLanes(contestants.map((contestant) => ({ contestant })), {
    ...place,
    parts,
  });
  const realms: Row = { name: REALMS_ALONE, samples: {} };
  const sandboxes: Row = { name: SANDBOXES_ALONE, samples: {} };
  const sandboxesAlone = await startSandboxes(parts);
  await sandboxesAlone();
  const measured = await measureRounds(lanes, {
    rounds,
    blocks: 1,
    burst: burstOf(BURST),
    afterRound: async () => {
      note(realms, await realmsAlone());
      note(sandboxes, await sandboxesAlone());
    },
  });
  const title = `Expressions: ${countOf(rounds, "round")} of 100 calls, then 2 000 at once ` +
    "(a child each: 20)";
  return [{ title, rows: [...measured.map(({ row }) => row), sandboxes, realms] }];
}
