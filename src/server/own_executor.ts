// An executor of the user's own, kept to what the interface says.
import type { Executor, Job, Turn } from "../executor/executor.ts";
import { describe } from "../wire/describe.ts";
import { failedOutcome } from "../wire/failure.ts";
import { isOutcome, type Outcome } from "../wire/outcome.ts";

/** Whatever the executor throws or returns becomes an outcome of at most so many bytes. */
export class OwnExecutor implements Executor {
  readonly commands: readonly string[];
  readonly policies: Executor["policies"];
  readonly descriptions: Executor["descriptions"];
  readonly contentTypes: Executor["contentTypes"];
  readonly #executor: Executor;
  readonly #resultBytes: number;

  constructor(executor: Executor, resultBytes: number) {
    this.commands = [...executor.commands];
    this.policies = executor.policies;
    this.descriptions = executor.descriptions;
    this.contentTypes = executor.contentTypes;
    this.#executor = executor;
    this.#resultBytes = resultBytes;
  }

  async run(job: Job, signal: AbortSignal, turn?: Turn): Promise<Outcome> {
    const { command } = job.context;
    try {
      const outcome: unknown = await this.#executor.run(job, signal, turn);
      if (!isOutcome(outcome)) throw new TypeError("the executor gave no outcome");
      const size = outcome.ok ? outcome.output.bytes.byteLength : 0;
      if (size <= this.#resultBytes) return outcome;
      const text = `Cannot send the result of "${command}": it has ${size} bytes, the limit is ` +
        `${this.#resultBytes}. Put the value in a store and return its address, as in ` +
        "docs/values.md#claim-check; or raise `limits.resultBytes`.";
      return failedOutcome("resource_exhausted", text);
    } catch (error) {
      const { stack, name, message } = describe(error);
      // The stack is for the log of the server.
      const failure = {
        code: "internal",
        name: "RpcError",
        message:
          `Cannot run "${command}": the executor of the server failed. Its log has the error.`,
        stack: stack?.startsWith(name) ? stack : `${name}: ${message}`,
      } as const;
      return { ok: false, failure };
    }
  }

  close(): Promise<void> {
    return this.#executor.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
