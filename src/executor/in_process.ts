// Runs commands in this process: trusted functions that close over its state.
import { type CommandContract, CONTRACT, type NeededPermissions } from "../contract/contract.ts";
import { jsonSchemaOf } from "../contract/json_schema_of.ts";
import type { CommandPolicy } from "../contract/policy.ts";
import { DEFAULT_VALUE_BYTES } from "../options/defaults.ts";
import { type Codecs, codecsWith } from "../wire/codecs/codecs.ts";
import { describe } from "../wire/describe.ts";
import { RpcError } from "../wire/errors.ts";
import { EVAL_COMMAND } from "../wire/headers.ts";
import { metadataRules } from "../wire/metadata.ts";
import type { Outcome } from "../wire/outcome.ts";
import { abortedOutcome, type Executor, type Job } from "./executor.ts";
import { createDescribeCommands, type Descriptions } from "./inside/describe_commands.ts";
import { loadCodecs } from "./inside/load_codecs.ts";
import { checkNeeds } from "./inside/needs.ts";
import { type Command, createIsCommand, createRunner } from "./inside/run_command.ts";

const isCommand = createIsCommand();

/** Commands by name. */
export type CommandTable = Readonly<Record<string, Command>>;

export interface InProcessOptions {
  /** Default: those that every server has. */
  readonly codecs?: Codecs | undefined;
  /** Most bytes of an encoded result. Default: 1 000 000. */
  readonly resultBytes?: number | undefined;
}

/**
 * Runs the functions of an object. A function that ignores `context.signal`
 * goes on after its deadline; only its result is dropped.
 */
export class InProcessExecutor implements Executor {
  readonly commands: readonly string[];
  readonly policies: readonly (readonly [string, CommandPolicy])[];
  readonly descriptions: Descriptions;
  readonly contentTypes: readonly string[];
  readonly #run: (job: Job, signal: AbortSignal) => Promise<Outcome>;

  /**
   * Offers the object's own function properties, but classes and `default`. Throws
   * `invalid_argument` where there is none.
   */
  constructor(
    table: CommandTable,
    options: InProcessOptions = {},
  ) {
    const functions = new Map(
      Object.entries(table)
        .filter(([name, command]) => isCommand(name, command))
        .map(([name, command]) => [name, command.bind(table)]),
    );
    if (functions.size === 0) {
      throw new RpcError(
        "invalid_argument",
        "Cannot serve: `commands` has no function. Give an object of functions or a module URL.",
      );
    }
    this.commands = [...functions.keys()];
    this.policies = this.commands.flatMap((name) => {
      const { [CONTRACT]: contract } = table[name] as { [CONTRACT]?: CommandContract };
      if (contract?.permissions !== undefined) this.#checkNeeds(name, contract.permissions);
      return contract === undefined ? [] : [[name, contract]];
    });
    this.descriptions = createDescribeCommands(jsonSchemaOf, CONTRACT)(this.commands, table);
    const { codecs = codecsWith() } = options;
    this.contentTypes = codecs.contentTypes;
    this.#run = createRunner({
      codecs,
      describe,
      evalCommand: EVAL_COMMAND,
      resultBytes: options.resultBytes ?? DEFAULT_VALUE_BYTES,
      find: (name) => functions.get(name),
      metadata: metadataRules,
    });
  }

  #checkNeeds(name: string, permissions: NeededPermissions): void {
    try {
      checkNeeds(name, permissions);
    } catch (error) {
      const text = `Cannot serve the commands: ${describe(error).message}.`;
      throw new RpcError("failed_precondition", text, { cause: error });
    }
  }

  /** Imports the codecs of a user first; rejects with `failed_precondition` where it can't. */
  static async start(
    table: CommandTable,
    options: { readonly codecs: readonly URL[]; readonly resultBytes: number },
  ): Promise<InProcessExecutor> {
    const { resultBytes } = options;
    const urls = options.codecs.map(({ href }) => href);
    const codecs = await loadCodecs(urls, codecsWith).catch((cause) => {
      const { message } = describe(cause);
      throw new RpcError(
        "failed_precondition",
        `Cannot load the codecs: ${message}. Correct the module, and start the server again.`,
        { cause },
      );
    });
    return new InProcessExecutor(table, { codecs, resultBytes });
  }

  run(job: Job, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return Promise.resolve(abortedOutcome(signal.reason));
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const abort = () => resolve(abortedOutcome(signal.reason));
    signal.addEventListener("abort", abort, { once: true });
    // It never rejects.
    void this.#run(job, signal).then((outcome) => {
      signal.removeEventListener("abort", abort);
      resolve(outcome);
    });
    return promise;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
