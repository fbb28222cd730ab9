/**
 * A program that runs the folders it is given as shards, as the task `test` does. The files of one
 * whose name ends with "joined" run as one module.
 *
 * @module
 */
import { killRunning } from "../../tools/launch/child.ts";
import { Interrupted, onInterruption } from "../../tools/launch/interruption.ts";
import type { Run } from "../../tools/launch/run.ts";
import { testFiles } from "../../tools/launch/joined_tests.ts";
import { runShards } from "../../tools/launch/tests.ts";

const signal = onInterruption(killRunning);
const run: Run = {
  args: [],
  registry: {
    env: { JSR_URL: "", KAFKA_RPC_DENO_FLAGS: "" },
    flags: ["--no-config", "--no-lock"],
    standIns: false,
    line: "",
  },
  broker: undefined,
  log: () => {},
  child: { env: { NO_COLOR: "1" }, signal },
};
const shards = await Promise.all(Deno.args.map(async (folder, index) => {
  const joined = folder.endsWith("joined");
  const paths = joined ? await testFiles(folder) : [folder];
  return { name: `of shard ${index + 1}`, paths, joined, yields: index === 0 };
}));
try {
  Deno.exitCode = await runShards(run, shards, { checked: true });
} catch (error) {
  if (!(error instanceof Interrupted)) throw error;
  Deno.exitCode = error.exitCode;
}
