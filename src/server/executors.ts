// The executors of a server, behind one.
import type { Executor, Job, Turn } from "../executor/executor.ts";
import { Expressions } from "../executor/expressions.ts";
import { InProcessExecutor } from "../executor/in_process.ts";
import { Pool } from "../executor/pool.ts";
import { type ChildCommand, childCommand, type ChildOptions } from "../executor/deno_command.ts";
import type { SandboxBoot } from "../executor/inside/messages.ts";
import { LineBudget } from "../executor/output_lines.ts";
import { ProcessSandbox } from "../executor/process_sandbox.ts";
import { coversDescriptors } from "../executor/spawn.ts";
import { WorkerSandbox } from "../executor/worker_sandbox.ts";
import type { Logger } from "../logging/logger.ts";
import { BUILT_IN_TYPES } from "../wire/codecs/codecs.ts";
import { RpcError } from "../wire/errors.ts";
import { failedOutcome } from "../wire/failure.ts";
import { EVAL_COMMAND } from "../wire/headers.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { Isolation } from "./options.ts";
import { OwnExecutor } from "./own_executor.ts";
import type { ServerSettings } from "./settings.ts";

/** Sandboxes beside one for each call that computes: where one is killed, another is there at once. */
const SPARES = 1;

/** Sends each command to the executor that offers it. */
class Executors implements Executor {
  readonly commands: readonly string[];
  readonly policies: Executor["policies"];
  readonly descriptions: Executor["descriptions"];
  readonly contentTypes: readonly string[];
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
    this.policies = executors.flatMap(({ policies = [] }) => policies);
    this.descriptions = executors.flatMap(({ descriptions = [] }) => descriptions);
    const types = executors.flatMap(({ contentTypes = BUILT_IN_TYPES }) => contentTypes);
    this.contentTypes = [...new Set(types)];
  }

  run(job: Job, signal: AbortSignal, turn?: Turn): Promise<Outcome> {
    const { command } = job.context;
    const executor = this.#byCommand.get(command);
    if (executor !== undefined) return executor.run(job, signal, turn);
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
  const started = await allStarted(starting);
  const executors = new Executors(started);
  const clash = nameClash(started);
  if (clash === undefined) return executors;
  await executors.close();
  throw clash;
}

/** All of them; where one can't be started, the others are closed. */
async function allStarted(starting: readonly Promise<Executor>[]): Promise<Executor[]> {
  const results = await Promise.allSettled(starting);
  const started = results.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
  const failed = results.find((result) => result.status === "rejected");
  if (failed === undefined) return started;
  await Promise.all(started.map((executor) => executor.close()));
  throw failed.reason;
}

interface Surroundings {
  readonly settings: ServerSettings;
  readonly logger: Logger;
  readonly lines: LineBudget;
  readonly signal: AbortSignal | undefined;
}

function startModule(module: URL, isolation: Isolation, around: Surroundings): Promise<Executor> {
  const { settings, logger, signal } = around;
  const { sandboxes, callsPerSandbox, limits } = settings;
  const { resultBytes, callsBeforeReplacement, loadMs } = limits;
  const codecs = settings.codecs.map(({ href }) => href);
  const boot = { module: module.href, codecs, resultBytes };
  if (isolation === "process") return startModuleProcesses(module, boot, around);
  return Pool.start({
    start: (signal) => WorkerSandbox.start(boot, signal, { loadMs, logger }),
    size: sandboxes + SPARES,
    runsPerSandbox: callsBeforeReplacement,
    callsPerSandbox,
    logger,
    signal,
  });
}

async function startModuleProcesses(
  module: URL,
  boot: SandboxBoot,
  around: Surroundings,
): Promise<Executor> {
  const { codecs, permissions, limits: { callsBeforeReplacement } } = around.settings;
  const command = await commandFor({ module, codecs, permissions }, around);
  return await startProcesses(command, { boot, runsPerSandbox: callsBeforeReplacement }, around);
}

async function startExpressions(
  isolation: "realm" | "process",
  around: Surroundings,
): Promise<Executor> {
  // Expressions are sent and answered as JSON.
  const command = await commandFor({ module: undefined, codecs: [], permissions: {} }, around);
  const { resultBytes } = around.settings.limits;
  // A fresh realm or child for each expression: nothing of one is seen by the next.
  const start = (realms: boolean) => {
    const boot = { module: undefined, codecs: [], resultBytes, realms };
    return startProcesses(command, { boot, runsPerSandbox: realms ? Infinity : 1 }, around);
  };
  if (isolation === "process") return await start(false);
  const [realms, processes] = await allStarted([start(true), start(false)]);
  return new Expressions(realms!, processes!);
}

/** How the children are started that run a module, or expressions. */
async function commandFor(
  what: Pick<ChildOptions, "module" | "codecs" | "permissions">,
  { settings: { limits: { memoryMb }, denoPath }, logger, signal }: Surroundings,
): Promise<ChildCommand> {
  const command = await childCommand({ ...what, memoryMb, denoPath, signal });
  const { descriptors } = command;
  if (descriptors.length > 0 && !coversDescriptors()) {
    const text = "this version of Deno passes open descriptors of this program on to sandboxes. " +
      "Close them before it starts: SECURITY.md says how";
    logger.warn(text, { descriptors });
  }
  return command;
}

function startProcesses(
  command: ChildCommand,
  { boot, runsPerSandbox }: { readonly boot: SandboxBoot; readonly runsPerSandbox: number },
  { settings, logger, lines, signal }: Surroundings,
): Promise<Executor> {
  const { sandboxes, callsPerSandbox, limits: { memoryMb, loadMs } } = settings;
  return Pool.start({
    start: (signal) =>
      ProcessSandbox.start({ command, boot, memoryMb, logger, lines, loadMs, signal }),
    size: sandboxes + SPARES,
    runsPerSandbox,
    callsPerSandbox: Math.min(callsPerSandbox, runsPerSandbox),
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
