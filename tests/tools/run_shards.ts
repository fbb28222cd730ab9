/**
 * A program that runs the folders it is given as shards, as the task `test` does.
 *
 * @module
 */
import { killRunning } from "../../tools/launch/child.ts";
import { Interrupted, onInterruption } from "../../tools/launch/interruption.ts";
import type { Run } from "../../tools/launch/run.ts";
import { runShards } from "../../tools/launch/tests.ts";

const signal = onInterruption(killRunning);
const run: Run = {
  args: [],
  registry: {
    env: { JSR_URL: "", KAFKA_RPC_DENO_FLAGS: "" },
    flags: [],
    standIns: false,
    line: "",
  },
  broker: undefined,
  log: () => {},
  child: { env: { NO_COLOR: "1" }, signal },
};
const shards = Deno.args.map((folder, index) => ({
  name: `of shard ${index + 1}`,
  args: ["--no-config", "--no-lock", folder],
  yields: index === 0,
}));
try {
  Deno.exitCode = await runShards(run, shards, { checked: true });
} catch (error) {
  if (!(error instanceof Interrupted)) throw error;
  Deno.exitCode = error.exitCode;
}
