/**
 * The keeper: a small process that runs commands for a parent and outlives it just long
 * enough to clean up. Its standard input is the parent's life line. When that pipe closes,
 * because the parent asked for it or because it was killed, the keeper ends the running
 * command and removes the folder it made for it.
 *
 * Started by kept_process.ts, which also describes the plan and the events.
 *
 * @module
 */
import type { Command, KeeperEvent, KeeperPlan } from "./kept_process.ts";
import { linesOf } from "./lines.ts";

const REMOVE_ATTEMPTS = 20;
const REMOVE_PAUSE_MS = 250;

/** One JSON line to the parent. A parent that is gone is no error: its stdin end says so. */
async function tell(event: KeeperEvent): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(event) + "\n");
  try {
    for (let sent = 0; sent < bytes.length;) {
      sent += await Deno.stdout.write(bytes.subarray(sent));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** Appends everything a command prints to the log file, and tells it line by line if asked. */
async function record(
  stream: ReadableStream<Uint8Array>,
  log: Deno.FsFile,
  forward: boolean,
): Promise<void> {
  for await (const line of linesOf(stream)) {
    await log.write(new TextEncoder().encode(line + "\n"));
    if (forward) await tell({ event: "line", line });
  }
}

/** SIGTERM, a bounded wait, SIGKILL. */
async function end(child: Deno.ChildProcess, graceMs: number): Promise<void> {
  signalTo(child, "SIGTERM");
  const timer = setTimeout(() => signalTo(child, "SIGKILL"), graceMs);
  await child.status;
  clearTimeout(timer);
}

function signalTo(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // The command ended by itself in the meantime, which is what was wanted.
    if (
      !(error instanceof Deno.errors.NotFound || error instanceof TypeError)
    ) throw error;
  }
}

/** Windows refuses to remove a file for some moments after its process ended, so this retries. */
async function remove(folder: string): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await Deno.remove(folder, { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      if (attempt === REMOVE_ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, REMOVE_PAUSE_MS));
    }
  }
}

/** One plan on its way from the first step to the removal of its folder. */
class Keeping {
  #wards = new Set<number>();
  #running: Deno.ChildProcess | undefined;
  #ending = false;
  #steps: Promise<void>;

  constructor(
    private plan: KeeperPlan,
    private folder: string,
    private log: Deno.FsFile,
  ) {
    this.#steps = this.#run(0);
  }

  /** Takes a message of the parent after the plan. */
  take({ watch, again, closing }: { watch?: number; again?: true; closing?: true }): void {
    if (watch !== undefined) this.#wards.add(watch);
    if (again && !this.#ending) {
      this.#steps = this.#steps.then(() => this.#run(this.plan.steps.length - 1));
    }
    // An orderly end: the parent itself sees to its other processes.
    if (closing) this.#wards.clear();
  }

  /** Ends the running step and whatever else it watches over, and removes the folder. */
  async end(): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    for (const pid of this.#wards) endWard(pid);
    if (this.plan.stop) {
      const [command, ...args] = this.plan.stop;
      await new Deno.Command(command, { args, stdout: "null", stderr: "null" })
        .output();
    }
    if (this.#running) await end(this.#running, this.plan.graceMs);
    await this.#steps;
    this.log.close();
    await remove(this.folder);
    Deno.exit(0);
  }

  /** Runs the steps from this one on. */
  async #run(from: number): Promise<void> {
    try {
      if (from === 0) await this.#begin();
      await this.#runSteps(from);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await tell({ event: "failed", message });
    }
  }

  async #begin(): Promise<void> {
    await tell({ event: "folder", folder: this.folder });
    for (const [name, text] of Object.entries(this.plan.files)) {
      await Deno.writeTextFile(`${this.folder}/${name}`, this.#inFolder(text));
    }
  }

  async #runSteps(from: number): Promise<void> {
    for (const [step, command] of this.plan.steps.entries()) {
      if (this.#ending) return;
      if (step < from) continue;
      const { success, code } = await this.#runStep(step, command);
      if (success && step < this.plan.steps.length - 1) continue;
      return await tell({ event: "exited", step, code });
    }
  }

  async #runStep(
    step: number,
    [command, ...args]: Command,
  ): Promise<Deno.CommandStatus> {
    const child = new Deno.Command(command, {
      args: args.map((arg) => this.#inFolder(arg)),
      cwd: this.folder,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#running = child;
    await tell({ event: "started", step, pid: child.pid });
    const [status] = await Promise.all([
      child.status,
      record(child.stdout, this.log, this.plan.forwardLines),
      record(child.stderr, this.log, this.plan.forwardLines),
    ]);
    this.#running = undefined;
    return status;
  }

  #inFolder(text: string): string {
    return text.replaceAll("{folder}", this.folder.replaceAll("\\", "/"));
  }
}

/** Ends another process of a parent that was killed, with all that it started where possible. */
function endWard(pid: number): void {
  try {
    Deno.kill(Deno.build.os === "windows" ? pid : -pid, "SIGTERM");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

if (import.meta.main) {
  const input = linesOf(Deno.stdin.readable);
  const first = await input.next();
  if (first.done) Deno.exit(0);
  const plan: KeeperPlan = JSON.parse(first.value);
  const { folderIn, folderPrefix } = plan;
  const folder = await Deno.makeTempDir({
    prefix: folderPrefix,
    ...folderIn === undefined ? {} : { dir: folderIn },
  });
  const log = await Deno.open(`${folder}/output.log`, {
    create: true,
    append: true,
  });
  const keeping = new Keeping(plan, folder, log);

  if (Deno.build.os === "windows") {
    // Ctrl-C reaches every process of a Windows console; the parent decides about the end.
    Deno.addSignalListener("SIGINT", () => {});
  } else {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      Deno.addSignalListener(signal, () => keeping.end());
    }
  }
  for await (const line of input) keeping.take(JSON.parse(line));
  await keeping.end();
}
