/**
 * The launcher: every task of deno.json is `launch.ts <task> [args…]`. It decides where
 * modules come from, starts a broker for the tasks that need one, passes signals on, and
 * leaves nothing behind.
 *
 * @module
 */
import { killRunning } from "./launch/child.ts";
import { Interrupted, onInterruption } from "./launch/interruption.ts";
import { chooseRegistry } from "./launch/registry.ts";
import { type Task, TASKS } from "./launch/tasks.ts";
import { terminalLog } from "./launch/terminal.ts";
import { type Broker, NoBrokerError, startBroker } from "./local_broker.ts";

const log = terminalLog();

/** Does the task; resolves with the exit code. */
async function launch(
  task: Task,
  args: string[],
  signal: AbortSignal,
): Promise<number> {
  const registry = await chooseRegistry();
  log(registry.line);
  await using broker = await provideBroker(task, args, signal);
  const env = broker
    ? { ...registry.env, KAFKA_BROKERS: broker.brokers.join(",") }
    : { ...registry.env };
  void broker?.died.then(log);
  const code = await task.run({
    args,
    registry,
    broker,
    log,
    child: { env, signal, onStart: (child) => void broker?.watchOver(child) },
  });
  if (!task.saysItsEnd) signal.throwIfAborted();
  return code;
}

async function provideBroker(
  task: Task,
  args: string[],
  signal: AbortSignal,
): Promise<Broker | undefined> {
  if (task.broker === "none" || task.needsBroker?.(args) === false) return undefined;
  try {
    const { forTests } = task;
    const own = task.broker === "own";
    return await startBroker({ signal, log, port: task.port?.(args), own, forTests });
  } catch (error) {
    if (!(error instanceof NoBrokerError)) throw error;
    if (task.broker !== "optional") {
      throw new Error([error.message, task.withoutBroker ?? ""].join(" ").trim());
    }
    log(`${error.message} Going on without Kafka, in memory.`);
    return undefined;
  }
}

if (import.meta.main) {
  const [name = "", ...args] = Deno.args;
  const task = Object.hasOwn(TASKS, name) ? TASKS[name] : undefined;
  if (!task) {
    console.error(
      `Cannot run ${name ? `"${name}"` : "nothing"}: no such task. \`deno task\` lists them.`,
    );
    Deno.exit(2);
  }
  Deno.chdir(new URL("..", import.meta.url));
  const signal = onInterruption(() => {
    // Asked a second time: no more waiting. The broker's keeper cleans up by itself.
    killRunning();
    Deno.exit(130);
  });
  Deno.exit(
    await launch(task, args, signal).catch((error) => {
      log(error instanceof Error ? error.message : String(error));
      return error instanceof Interrupted ? error.exitCode : 1;
    }),
  );
}
