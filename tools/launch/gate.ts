/**
 * The steps of the gate that need no broker.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { runDeno } from "./child.ts";
import { existing } from "./paths.ts";
import { copyStandIns, JSR } from "./registry.ts";
import type { Run } from "./run.ts";

/** One step of the gate. */
interface Step {
  name: string;
  args: string[];
  /** True for commands that resolve modules, and so take a lock file. */
  modules: boolean;
  /** Paths to work on; those that are not there are left out. */
  paths?: string[];
  /** The registry to use where the run uses the stand-ins: a copy of them elsewhere, or none. */
  insteadOfStandIns?: "copy" | "none";
}

// Programs for Node among the peers of the bench import what npm has installed for them alone.
const CODE = ["mod.ts", "src", "examples", "tests", "bench/**/*.ts", "tools/*.ts"];
const DOCUMENTED = ["README.md", "docs", "mod.ts", "src"];

const TYPES: Step = { name: "types", args: ["check"], modules: true, paths: CODE };

const STEPS: Step[] = [
  { name: "format", args: ["fmt", "--check"], modules: false },
  { name: "lint", args: ["lint"], modules: false },
  // A library writes to the logger that it is given. Programs and tests may use the console.
  {
    name: "no console in src",
    args: ["lint", "--rules-include=no-console"],
    modules: false,
    paths: ["mod.ts", "src"],
  },
  TYPES,
  {
    name: "types in docs",
    args: ["check", "--doc-only"],
    modules: true,
    paths: DOCUMENTED,
  },
  {
    // Not with the rest: as the registry of a run, they are checked without function bodies.
    name: "types of stand-ins",
    args: ["check", "--no-lock", "tools/offline/registry"],
    modules: false,
    insteadOfStandIns: "none",
  },
  {
    name: "public docs",
    args: ["doc", "--lint"],
    modules: true,
    paths: Object.values(config.exports),
  },
  {
    name: "package",
    args: ["publish", "--dry-run", "--allow-dirty"],
    modules: true,
    insteadOfStandIns: "copy",
  },
];

/** Runs every step. */
export async function runGate(run: Run): Promise<boolean> {
  let passed = true;
  for (const step of STEPS) passed = await report(run, step) && passed;
  return passed;
}

/** Checks the types of all code; for no more than a second where that was done before. */
export function checkTypes(run: Run): Promise<boolean> {
  return report(run, TYPES);
}

/** Runs a step and prints its time and outcome, with its output if it failed. */
async function report(run: Run, step: Step): Promise<boolean> {
  const began = performance.now();
  const { code, output } = await runStep(run, step);
  run.child.signal.throwIfAborted();
  const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
  console.log(`${step.name.padEnd(24)}${seconds} s  ${code === 0 ? "OK" : "failed"}`);
  if (code !== 0) console.log(output);
  return code === 0;
}

async function runStep(run: Run, step: Step): Promise<{ code: number; output: string }> {
  const args = [...step.args, ...await existing(step.paths ?? [])];
  if (step.modules) args.splice(1, 0, ...run.registry.flags);
  let env: Record<string, string> = run.child.env;
  await using copy = step.insteadOfStandIns === "copy" && run.registry.standIns
    ? await copyStandIns()
    : undefined;
  if (copy) env = { ...env, JSR_URL: copy.url };
  if (step.insteadOfStandIns === "none") env = { ...env, JSR_URL: JSR };

  let output = "";
  const decoder = new TextDecoder();
  const collect = (chunk: Uint8Array) => void (output += decoder.decode(chunk, { stream: true }));
  const code = await runDeno(args, { ...run.child, env, onOutput: collect, onErrors: collect });
  return { code, output };
}
