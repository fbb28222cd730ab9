// Short frames go through memory that threads share, long ones are handed over: both arrive whole.
import { assertEquals } from "@std/assert";
import { childCommand } from "../../src/executor/deno_command.ts";
import { MAX_SHARED_FRAME_BYTES } from "../../src/executor/inside/thread_channel.ts";
import { ProcessSandbox } from "../../src/executor/process_sandbox.ts";
import type { Sandbox } from "../../src/executor/sandbox.ts";
import { WorkerSandbox } from "../../src/executor/worker_sandbox.ts";
import { silentLogger as logger } from "../../src/logging/logger.ts";
import { job, never, resultOf } from "./jobs.ts";

const RESULT_BYTES = 1_000_000;
const LENGTHS = [
  1,
  MAX_SHARED_FRAME_BYTES - 1_000,
  MAX_SHARED_FRAME_BYTES,
  5 * MAX_SHARED_FRAME_BYTES,
];

async function startProcess(realms: boolean): Promise<Sandbox> {
  const command = await childCommand({ permissions: {}, memoryMb: 96 });
  const boot = { resultBytes: RESULT_BYTES, realms };
  return await ProcessSandbox.start({ command, boot, memoryMb: 96, logger, signal: never });
}

const SANDBOXES: Record<string, () => Promise<Sandbox>> = {
  "a worker": () => WorkerSandbox.start({ resultBytes: RESULT_BYTES }, never),
  "a child": () => startProcess(false),
  "a child with realms": () => startProcess(true),
};

for (const [name, start] of Object.entries(SANDBOXES)) {
  Deno.test(`${name} takes and gives texts on either side of the longest shared frame`, async () => {
    const sandbox = await start();
    try {
      for (const length of LENGTHS) {
        const text = "é".repeat(length / 2) + "x";
        const outcome = await sandbox.run(job("eval", `"${text}"`), never);
        assertEquals(resultOf(outcome), text);
      }
    } finally {
      await sandbox.close();
    }
  });
}
