/**
 * The executors of a server, behind one.
 *
 * @module
 */
import type { Executor, Job } from "../executor/executor.ts";
import { InProcessExecutor } from "../executor/in_process.ts";
import { Pool } from "../executor/pool.ts";
import { WorkerSandbox } from "../executor/worker.ts";
import type { Logger } from "../transport/logger.ts";
import { RPC_CODES, RpcError } from "../wire/errors.ts";
import { failedOutcome } from "../wire/failure.ts";
import type { Outcome } from "../wire/reply.ts";
import type { ServerSettings } from "./options.ts";

/** Sends each command to the executor that offers it. */
class Executors implements Executor {
  readonly commands: readonly string[];
  readonly #executors: readonly Executor[];
  readonly #byCommand = new Map<string, Executor>();

  constructor(executors: readonly Executor[]) {
    this.#executors = executors;
    for (const executor of executors) {
      for (const command of executor.commands) {
        this.#byCommand.set(command, executor);
      }
    }
    this.commands = [...this.#byCommand.keys()];
  }

  run(job: Job, signal: AbortSignal): Promise<Outcome> {
    const { command } = job.context;
    const executor = this.#byCommand.get(command);
    if (executor !== undefined) return executor.run(job, signal);
    return Promise.resolve(
      failedOutcome("not_found", `Cannot run "${command}": no such command.`),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#executors.map((executor) => executor.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Starts what runs the commands of a server.
 *
 * @param settings What to run, and where.
 * @param logger Where replaced sandboxes are told.
 * @returns One executor for all commands.
 * @throws {RpcError} `failed_precondition` where a module can't be loaded, `invalid_argument`
 * where there is no command or a name is taken twice.
 */
export async function startExecutors(
  settings: ServerSettings,
  logger: Logger,
): Promise<Executor> {
  const { commands, evaluate, concurrency: size, limits: { resultBytes } } = settings;
  const boot = { codes: RPC_CODES, resultBytes };
  const starting: Promise<Executor>[] = [];
  if (commands instanceof URL) {
    const start = () => WorkerSandbox.start({ ...boot, module: commands.href });
    starting.push(
      Pool.start({ start, size, runsPerSandbox: Infinity, logger }),
    );
  } else if (commands !== undefined) {
    starting.push(
      Promise.resolve(new InProcessExecutor(commands, { resultBytes })),
    );
  }
  if (evaluate) {
    // A fresh worker for each expression: nothing of one is seen by the next.
    const start = () => WorkerSandbox.start(boot);
    starting.push(Pool.start({ start, size, runsPerSandbox: 1, logger }));
  }
  const results = await Promise.allSettled(starting);
  const started = results.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
  const failed = results.find((result) => result.status === "rejected");
  const executors = new Executors(started);
  if (failed !== undefined) {
    await executors.close();
    throw failed.reason;
  }
  if (
    evaluate && started[0] !== started.at(-1) &&
    started[0]?.commands.includes("eval")
  ) {
    await executors.close();
    throw new RpcError(
      "invalid_argument",
      'Cannot serve: `commands` has a function "eval" and `evaluate` is true. Rename the function.',
    );
  }
  return executors;
}
