/**
 * The project's tasks.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { runDeno } from "./child.ts";
import { runGate } from "./gate.ts";
import type { Run } from "./run.ts";
import { runTests } from "./tests.ts";

const NEED_BROKER = "tests/integration,tests/faults";
/** Rows that take minutes; the others of tests/faults run with all tests. */
const LONG = "tests/faults/full";

/** A task: what it needs and what it does. */
export interface Task {
  /** One line for the list of tasks. */
  about: string;
  /** Whether it gets a broker. "optional": it goes on without one where none can be had. */
  broker: "none" | "optional" | "required";
  /** The port its arguments ask for. */
  port?(args: string[]): number | undefined;
  /** Does it; resolves with the exit code. */
  run(run: Run): Promise<number>;
}

/** All tasks by name. */
export const TASKS: Record<string, Task> = {
  "test": {
    about: "all tests, on a real broker; takes test files and `deno test` options",
    broker: "required",
    run: runAllTests,
  },
  "test:unit": {
    about: "the tests that need no broker",
    broker: "none",
    run: (run) => runTests(run, [`--ignore=${NEED_BROKER}`, ...run.args], ["tests/"]),
  },
  "test:faults": {
    about: "the whole fault matrix, on brokers of its own; under 20 minutes",
    broker: "none",
    run: (run) => runTests(run, run.args, ["tests/faults/"]),
  },
  "soak": {
    about: "calls for the given minutes: memory, descriptors and latency, each 10 s",
    broker: "none",
    // The garbage is collected before each look at the memory.
    run: (run) => runProgram(run, "tests/faults/soak.ts", ["--v8-flags=--expose-gc"]),
  },
  "check": {
    about: "format, lint, types, docs and package",
    broker: "none",
    run: async (run) => await runGate(run) ? 0 : 1,
  },
  "ok": {
    about: "the whole gate: check, then test",
    broker: "required",
    run: async (run) => await runGate(run) ? await runAllTests(run) : 1,
  },
  "lock": {
    about: "renew the lock file after a change of dependencies",
    broker: "none",
    run: ({ registry, child }) => {
      return runDeno(["install", ...registry.flags], child);
    },
  },
  "broker": {
    about: "a local Kafka until Ctrl-C; --port chooses its port",
    broker: "required",
    port: readPort,
    run: holdBroker,
  },
  "demo": {
    about: "a server, a client and some calls",
    broker: "optional",
    run: (run) => runProgram(run, "tools/demo.ts"),
  },
  "bench": {
    about: "calls beside a raw loop on the same client",
    broker: "required",
    run: (run) => runProgram(run, "bench/main.ts"),
  },
};

function runAllTests(run: Run): Promise<number> {
  return runTests(run, [`--ignore=${LONG}`, ...run.args], ["tests/"]);
}

function runProgram(run: Run, file: string, flags: string[] = []): Promise<number> {
  const env: Record<string, string> = run.broker ? {} : { KAFKA_RPC_DEMO_MEMORY: "1" };
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
  if (!broker?.pids.length) {
    log("KAFKA_BROKERS is set, so there is nothing to start.");
    return 0;
  }
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
