/**
 * What an expression costs in each isolation, beside a command in the server's own process, and
 * beside children that do nothing but make a realm and evaluate in it.
 *
 * @module
 */
import type { ContestantName } from "../contestants/contestants.ts";
import { burstOf, measureRounds } from "../lanes/rounds.ts";
import { startLanes } from "../lanes/start_lanes.ts";
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

/** Measures them: a round of all, then the children alone, and again. */
export async function expressions(place: SectionPlace): Promise<Omit<Table, "section">[]> {
  const { quick } = place;
  const rounds = quick ? 2 : 3;
  await using parts = new AsyncDisposableStack();
  const contestants = quick ? CONTESTANTS.slice(0, 2) : CONTESTANTS;
  const lanes = await startLanes(contestants.map((contestant) => ({ contestant })), {
    ...place,
    parts,
  });
  const alone: Row = { name: REALMS_ALONE, samples: {} };
  const measured = await measureRounds(lanes, {
    rounds,
    blocks: 1,
    burst: burstOf(2_000),
    afterRound: async () => sample(alone, "burst", await realmsAlone()),
  });
  const title = `Expressions: ${countOf(rounds, "round")} of 100 calls, then 2 000 at once ` +
    "(a child each: 20)";
  return [{ title, rows: [...measured.map(({ row }) => row), alone] }];
}
