// Evaluates expressions: in realms where they need nothing but the language, else each in a child
// of its own.
import type { Outcome } from "../wire/outcome.ts";
import type { Executor, Job, Turn } from "./executor.ts";
import { DECLINED } from "./sandbox.ts";

/** Two pools behind one executor. */
export class Expressions implements Executor {
  readonly commands: readonly string[];
  readonly #realms: Executor;
  readonly #processes: Executor;

  /** Sandboxes of `realms` decline what a realm can't evaluate; those of `processes` run once. */
  constructor(realms: Executor, processes: Executor) {
    this.commands = realms.commands;
    this.#realms = realms;
    this.#processes = processes;
  }

  async run(job: Job, signal: AbortSignal, turn?: Turn): Promise<Outcome> {
    const outcome = await this.#realms.run(job, signal, turn);
    if (signal.aborted || !isUndecided(outcome)) return outcome;
    // Nothing can have happened: a realm has no way to anything outside.
    return await this.#processes.run(job, signal, turn);
  }

  async close(): Promise<void> {
    await Promise.all([this.#realms.close(), this.#processes.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Whether a child of its own must say what an expression gives. So it is also where the end of a
 * sandbox is the outcome: that may be by what an earlier expression left in its memory.
 */
function isUndecided(outcome: Outcome): boolean {
  return outcome === DECLINED || !outcome.ok && outcome.logged === true;
}
