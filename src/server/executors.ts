// The executors of a server, behind one.
import type { Executor, Job } from "../executor/executor.ts";
import { Expressions } from "../executor/expressions.ts";
import { InProcessExecutor } from "../executor/in_process.ts";
import { Pool } from "../executor/pool.ts";
import { childCommand } from "../executor/deno_command.ts";
import { LineBudget } from "../executor/output_lines.ts";
import { ProcessSandbox } from "../executor/process_sandbox.ts";
import { coversDescriptors } from "../executor/spawn.ts";
import { WorkerSandbox } from "../executor/worker_sandbox.ts";
import type { Logger } from "../logging/logger.ts";
import { RpcError } from "../wire/errors.ts";
import { failedOutcome } from "../wire/failure.ts";
import { EVAL_COMMAND } from "../wire/headers.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { Isolation } from "./options.ts";
import { OwnExecutor } from "./own_executor.ts";
import type { ServerSettings } from "./settings.ts";

/** Sandboxes that wait beside those that may run: one that is killed is replaced at once. */
const SPARES = 1;

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
 * Rejects with `failed_precondition` where a module can't be loaded, with `invalid_argument` where
 * there is no command or a name is taken twice.
 */
export async function startExecutors(
  settings: ServerSettings,
  around: { readonly logger: Logger; readonly signal: AbortSignal | undefined },
): Promise<Executor> {
  const surroundings = { ...around, settings, lines: new LineBudget() };
  const { commands, codecs, executor, evaluate, isolation, limits: { resultBytes } } = settings;
  const starting: Promise<Executor>[] = [];
  if (commands instanceof URL) {
    starting.push(startModule(commands, isolation, surroundings));
  } else if (commands !== undefined) {
    starting.push(InProcessExecutor.start(commands, { codecs, resultBytes }));
  }
  if (executor !== undefined) {
    starting.push(Promise.resolve(new OwnExecutor(executor, resultBytes)));
  }
  // Whatever the commands run in: an expression is never trusted.
  if (evaluate) starting.push(startExpressions(evaluate, surroundings));
  const results = await Promise.allSettled(starting);
  const started = results.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
  const executors = new Executors(started);
  const failed = results.find((result) => result.status === "rejected")?.reason ??
    nameClash(started);
  if (failed === undefined) return executors;
  await executors.close();
  throw failed;
}

interface Surroundings {
  readonly settings: ServerSettings;
  readonly logger: Logger;
  readonly lines: LineBudget;
  readonly signal: AbortSignal | undefined;
}

function startModule(module: URL, isolation: Isolation, around: Surroundings): Promise<Executor> {
  if (isolation === "process") return startProcesses(module, around);
  const { settings, logger, signal } = around;
  const { sandboxes, limits: { resultBytes, callsBeforeReplacement, loadMs } } = settings;
  const codecs = settings.codecs.map(({ href }) => href);
  const boot = { module: module.href, codecs, resultBytes };
  return Pool.start({
    start: (signal) => WorkerSandbox.start(boot, signal, { loadMs, logger }),
    size: sandboxes + SPARES,
    runsPerSandbox: callsBeforeReplacement,
    logger,
    signal,
  });
}

async function startExpressions(
  isolation: "realm" | "process",
  around: Surroundings,
): Promise<Executor> {
  const processes = startProcesses(undefined, around);
  if (isolation === "process") return await processes;
  const started = await Promise.allSettled([startProcesses(undefined, around, true), processes]);
  const [realms, own] = started;
  if (realms.status === "fulfilled" && own.status === "fulfilled") {
    return new Expressions(realms.value, own.value);
  }
  for (const result of started) if (result.status === "fulfilled") await result.value.close();
  throw started.find((result) => result.status === "rejected")!.reason;
}

async function startProcesses(
  module: URL | undefined,
  around: Surroundings,
  realms = false,
): Promise<Executor> {
  const { settings: { sandboxes, limits, permissions, denoPath }, logger, signal } = around;
  // Expressions are sent and answered as JSON.
  const codecs = module === undefined ? [] : around.settings.codecs;
  const { memoryMb, resultBytes, callsBeforeReplacement, loadMs } = limits;
  const command = await childCommand({
    module,
    codecs,
    permissions: module === undefined ? {} : permissions,
    memoryMb,
    denoPath,
    signal,
  });
  const { descriptors } = command;
  if (descriptors.length > 0 && !coversDescriptors()) {
    const text = "this version of Deno passes open descriptors of this program on to sandboxes. " +
      "Close them before it starts: SECURITY.md says how";
    logger.warn(text, { descriptors });
  }
  const urls = codecs.map(({ href }) => href);
  const boot = { module: module?.href, codecs: urls, resultBytes, realms };
  const { lines } = around;
  return await Pool.start({
    start: (signal) =>
      ProcessSandbox.start({ command, boot, memoryMb, logger, lines, loadMs, signal }),
    size: sandboxes + SPARES,
    // A fresh realm or child for each expression: nothing of one is seen by the next.
    runsPerSandbox: realms ? Infinity : module === undefined ? 1 : callsBeforeReplacement,
    logger,
    signal,
  });
}

function nameClash([first, second]: readonly Executor[]): RpcError | undefined {
  if (second === undefined || !first?.commands.includes(EVAL_COMMAND)) return undefined;
  return new RpcError(
    "invalid_argument",
    'Cannot serve: there is a command "eval" and `evaluate` is true. Rename the function.',
  );
}
