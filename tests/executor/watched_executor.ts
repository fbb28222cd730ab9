/**
 * An executor that counts what comes to it, and says so.
 *
 * @module
 */
import type { Executor, Job } from "../../src/executor/executor.ts";
import type { Outcome } from "../../src/wire/outcome.ts";

export class WatchedExecutor implements Executor {
  readonly commands: readonly string[];
  readonly #executor: Executor;
  /** How many jobs came to it. */
  runs = 0;
  /** Called with each job, before it is run. */
  onRun: (job: Job) => void = () => {};

  constructor(executor: Executor) {
    this.commands = executor.commands;
    this.#executor = executor;
  }

  run(job: Job, signal: AbortSignal): Promise<Outcome> {
    this.runs++;
    this.onRun(job);
    return this.#executor.run(job, signal);
  }

  close(): Promise<void> {
    return this.#executor.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
