/**
 * The project's tasks.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { runDeno } from "./child.ts";
import { runGate } from "./gate.ts";
import { splitJoined, testFiles } from "./joined_tests.ts";
import type { Run } from "./run.ts";
import { runShards, runTests, type TestShard } from "./tests.ts";

const NEED_BROKER = ["tests/integration", "tests/faults"];
/** Rows that take minutes; the others of tests/faults run with all tests. */
const LONG = "tests/faults/full";
/** What a version of Kafka must pass: each request of the port, calls, logins, records of others. */
const SMOKE = [
  "tests/integration/conformance_test.ts",
  "tests/integration/port_conformance_test.ts",
  "tests/integration/calls_test.ts",
  "tests/integration/servers_test.ts",
  "tests/integration/records_test.ts",
  "tests/faults/secured_test.ts",
];
/** A task: what it needs and what it does. deno.json says in a line what it is for. */
export interface Task {
  /**
   * Whether it gets a broker. "optional": it goes on without one where none can be had. "own": one
   * is started, whatever KAFKA_BROKERS names.
   */
  broker: "none" | "optional" | "required" | "own";
  /** Whether these arguments need the broker at all. Default: all do. */
  needsBroker?(args: string[]): boolean;
  /** Whether nothing is measured on the broker, and it serves for minutes only. */
  forTests?: boolean;
  /** Whether its program says itself that Ctrl-C ended it; its exit code is the task's then. */
  saysItsEnd?: boolean;
  /** What can be done where it needs a broker and there is none. */
  withoutBroker?: string;
  /** The port its arguments ask for. */
  port?(args: string[]): number | undefined;
  /** Does it; resolves with the exit code. */
  run(run: Run): Promise<number>;
}

/** All tasks by name. */
export const TASKS: Record<string, Task> = {
  "test": {
    broker: "required",
    forTests: true,
    withoutBroker: "`deno task test:unit` runs the tests that need no broker.",
    run: (run) => runAllTests(withLibrary(run), false),
  },
  "test:unit": {
    broker: "none",
    run: (run) => runTests(run, [`--ignore=${NEED_BROKER}`, ...run.args], ["tests/"]),
  },
  "test:faults": {
    broker: "none",
    run(run) {
      const chosen = withLibrary(run);
      return runTests(chosen, chosen.args, ["tests/faults/"]);
    },
  },
  "test:smoke": {
    broker: "own",
    forTests: true,
    run: (run) => runTests(run, run.args, SMOKE),
  },
  "projects": {
    broker: "none",
    run: (run) => runProgram(run, "tests/projects/print.ts"),
  },
  "soak": {
    broker: "none",
    // The garbage is collected before each look at the memory.
    run: (run) => runProgram(run, "tests/faults/soak.ts", ["--v8-flags=--expose-gc"]),
  },
  "fuzz": {
    broker: "required",
    run: (run) => runProgram(run, "tests/transport/kafka/batches/fuzz/main.ts"),
  },
  "simulate": {
    broker: "none",
    run: (run) => runProgram(run, "tests/simulator/run.ts"),
  },
  "mutants": {
    broker: "none",
    run: (run) => runProgram(run, "tests/mutants/run.ts"),
  },
  "check": {
    broker: "none",
    run: async (run) => await runGate(run) ? 0 : 1,
  },
  "ok": {
    broker: "required",
    forTests: true,
    withoutBroker: "`deno task check` and `deno task test:unit` need no broker.",
    run: async (run) => await runGate(run) ? await runAllTests(run, true) : 1,
  },
  "lock": {
    broker: "none",
    run: ({ registry, child }) => {
      return runDeno(["install", ...registry.flags], child);
    },
  },
  "broker": {
    broker: "own",
    port: readPort,
    saysItsEnd: true,
    run: holdBroker,
  },
  "rpc": {
    broker: "none",
    saysItsEnd: true,
    run: ({ args, registry, child }) =>
      runDeno(["run", ...registry.flags, "--allow-all", "src/cli/main.ts", ...args], child),
  },
  "demo": {
    broker: "optional",
    saysItsEnd: true,
    run: (run) => runProgram(run, "tools/demo.ts"),
  },
  "bench": {
    broker: "required",
    withoutBroker: "`deno task bench --render` needs none.",
    needsBroker: (args) => !args.includes("--render"),
    run: (run) => runProgram(run, "bench/main.ts"),
  },
  "bench:peers": {
    broker: "required",
    withoutBroker: "`deno task bench:peers --render` needs none.",
    needsBroker: (args) => !args.includes("--render"),
    run: (run) => runProgram(run, "bench/peers/main.ts"),
  },
};

/**
 * Tests that are joined with no other, most of which strike nodes of their own; such that wait for a
 * broker; and such that take processor time. Those of the first kind are done soonest: they are
 * what waits for the types to be checked.
 */
export async function allShards(): Promise<TestShard[]> {
  const without = await splitJoined(await testFiles("tests", NEED_BROKER));
  const withBrokers = await splitJoined([
    ...await testFiles("tests/integration"),
    ...await testFiles("tests/faults", [LONG]),
  ]);
  return [
    { name: "in modules of their own", paths: [...withBrokers.alone, ...without.alone] },
    { name: "with a broker", paths: withBrokers.joined, joined: true, yields: true },
    { name: "without a broker", paths: without.joined, joined: true, yields: true },
  ];
}

/** With arguments of the user's own in one process: some of them name a file to write. */
async function runAllTests(run: Run, checked: boolean): Promise<number> {
  if (run.args.length === 0) return await runShards(run, await allShards(), { checked });
  return await runTests(run, [`--ignore=${LONG}`, ...run.args], ["tests/"]);
}

const LIBRARY_OPTION = "--library=";

/** `--library=platformatic` is for the tests themselves, in all their processes. */
function withLibrary(run: Run): Run {
  const chosen = run.args.filter((arg) => arg.startsWith(LIBRARY_OPTION)).at(-1);
  if (chosen === undefined) return run;
  const env = { ...run.child.env, KAFKA_RPC_TEST_LIBRARY: chosen.slice(LIBRARY_OPTION.length) };
  const args = run.args.filter((arg) => !arg.startsWith(LIBRARY_OPTION));
  return { ...run, args, child: { ...run.child, env } };
}

function runProgram(run: Run, file: string, flags: string[] = []): Promise<number> {
  const env: Record<string, string> = run.broker
    ? { KAFKA_RPC_BROKER_PIDS: run.broker.pids.join(",") }
    : { KAFKA_RPC_DEMO_MEMORY: "1" };
  return runDeno([
    "run",
    ...run.registry.flags,
    "--allow-all",
    ...flags,
    file,
    ...run.args,
  ], {
    ...run.child,
    env: { ...env, ...run.child.env },
  });
}

function readPort(args: string[]): number | undefined {
  const { port } = parseArgs({ args, options: { port: { type: "string" } } }).values;
  if (port === undefined) return undefined;
  if (/^[1-9]\d{0,4}$/.test(port) && Number(port) < 65536) return Number(port);
  throw new Error(
    `Cannot use port "${port}": it is not a number from 1 to 65535. Give another.`,
  );
}

async function holdBroker({ broker, child, log }: Run): Promise<number> {
  if (broker === undefined) throw new Error("Cannot hold a broker: none was started.");
  console.log(
    Deno.build.os === "windows"
      ? `$env:KAFKA_BROKERS="${broker.brokers}"`
      : `export KAFKA_BROKERS=${broker.brokers}`,
  );
  log("Ctrl-C stops it.");
  const interrupted = new Promise<number>((resolve) =>
    child.signal.addEventListener("abort", () => resolve(0))
  );
  return await Promise.race([broker.died.then(() => 1), interrupted]);
}
