/**
 * Takes one cure after the other out of a copy of the project, and prints what noticed it. With
 * names of mutants as arguments only those.
 *
 * @module
 */
import { MUTANTS } from "./all.ts";
import type { Mutant } from "./mutant.ts";
import { ProjectCopy, type TaskResult } from "./project_copy.ts";

/** A mutant that no seed of these notices has survived. */
const SEEDS = 2_000;
/** Longest run of the tests of one mutant, which may hang without the cure. */
const TESTS_MS = 5 * 60_000;
/** Longest run of the seeds. */
const SEEDS_MS = 60 * 60_000;

const unknown = Deno.args.filter((arg) => !MUTANTS.some(({ name }) => name === arg));
if (unknown.length > 0) {
  const names = MUTANTS.map(({ name }) => JSON.stringify(name)).join(", ");
  throw new Error(`Cannot make the mutant "${unknown[0]}": there are ${names}.`);
}
const chosen = MUTANTS.filter(({ name }) => Deno.args.length === 0 || Deno.args.includes(name));

/** What noticed it; undefined: nothing did. */
async function killer(project: ProjectCopy, { name, by }: Mutant): Promise<string | undefined> {
  const isTested = by instanceof Array;
  const result = await project.run(argsOf(by), isTested ? TESTS_MS : SEEDS_MS);
  if (result.isGreen) return undefined;
  if (result.isLate) return "its tests, which did not end";
  const found = isTested ? testOf(result) : seedOf(result, by.firstSeed);
  if (found !== undefined) return found;
  throw new Error(`Cannot try the mutant "${name}": its tests did not run.\n${result.output}`);
}

function argsOf(by: Mutant["by"]): string[] {
  if (by instanceof Array) return ["test:unit", "--no-check", ...by];
  return ["simulate", "--first", `${by.firstSeed}`, "--seeds", `${SEEDS}`, "--until-failure"];
}

function testOf({ output }: TaskResult): string | undefined {
  const failed = [...output.matchAll(/^(.+) => \.\/(tests\/\S+?):\d+/gm)];
  const [first] = failed;
  if (first !== undefined) {
    const more = new Set(failed.map(([line]) => line)).size - 1;
    return `${first[2]}: ${first[1]}${more > 0 ? `, and ${more} more` : ""}`;
  }
  return /^\.\/(tests\/\S+) \(uncaught error\)/m.exec(output)?.[0];
}

function seedOf({ output }: TaskResult, firstSeed: number): string | undefined {
  const found = /^seed (\d+): (.*)$/m.exec(output);
  if (found === null) return undefined;
  const [, seed, broken] = found;
  return `the simulator after ${Number(seed) - firstSeed + 1} seeds: ${broken!.slice(0, 90)}`;
}

const start = performance.now();
await using project = await ProjectCopy.create();
const files = new Set(chosen.flatMap(({ by }) => by instanceof Array ? by : []));
if (files.size > 0) {
  // A test that fails anyhow would kill every mutant.
  const { isGreen, output } = await project.run(argsOf([...files]), SEEDS_MS);
  if (!isGreen) throw new Error(`Cannot try mutants: without any, tests fail.\n${output}`);
}
let survivors = 0;
for (const mutant of chosen) {
  await using _ = await project.mutate(mutant);
  const found = await killer(project, mutant);
  if (found === undefined) survivors++;
  console.log(`${found === undefined ? "✘" : "✔"} ${mutant.name}: ${mutant.fault}`);
  console.log(`    ${found === undefined ? "SURVIVED" : `killed by ${found}`}`);
}
const seconds = ((performance.now() - start) / 1_000).toFixed(0);
console.log(`${chosen.length} mutants, ${survivors} survived, ${seconds} s`);
Deno.exitCode = survivors === 0 ? 0 : 1;
