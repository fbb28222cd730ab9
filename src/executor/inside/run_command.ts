// One run of one command: decode, call, encode.
//
// `createRunner` is self-contained on purpose: the same code runs in
// this process and, sent as text, inside every sandbox.
import type { Failure, Outcome } from "../../wire/outcome.ts";
import type { Codecs } from "../../wire/codecs/codecs.ts";
import type { RpcCode } from "../../wire/errors.ts";
import type { MetadataRules } from "../../wire/metadata.ts";
import type { CommandContext, Job } from "../executor.ts";

/** A command. Its input is whatever the caller sent: check it before you use it. */
// deno-lint-ignore no-explicit-any -- the caller's own types go here; `unknown` would refuse them
export type Command = (input: any, context: CommandContext) => unknown;

/**
 * Creates the rule of which exports of a module are commands. Self-contained, because it travels as
 * text; what it asks a function is that of the moment when it was created.
 */
export function createIsCommand(): (name: string, exported: unknown) => boolean {
  const sourceOf = Function.prototype.toString;
  // A class, such as an error that others import, can't be called; `default` is no name for callers.
  return (name, exported) =>
    name !== "default" && typeof exported === "function" &&
    !/^class\b/.test(sourceOf.call(exported));
}

export interface RunnerOptions {
  readonly codecs: Omit<Codecs, "contentTypes">;
  readonly describe: (thrown: unknown) => Failure;
  /** The command that evaluates expressions: its failures are explained differently. */
  readonly evalCommand: string;
  /** Most bytes of an encoded result. */
  readonly resultBytes: number;
  readonly find: (name: string) => Command | undefined;
  /** Undefined where nothing that runs sees a context. */
  readonly metadata?: Pick<MetadataRules, "add"> | undefined;
}

/** What it creates runs one job, and never rejects. */
export function createRunner(
  options: RunnerOptions,
): (job: Job, signal: AbortSignal) => Promise<Outcome> {
  const { codecs, describe, evalCommand, resultBytes, find, metadata: rules } = options;
  const fail = (code: RpcCode, message: string): Outcome => ({
    ok: false,
    failure: { code, name: "RpcError", message },
  });
  const reasonOf = (error: unknown) => describe(error).message;

  /** Whether Deno could not load a module, or Node's `require`; its text names paths and hosts. */
  function isImport(thrown: unknown): boolean {
    try {
      return /^(ERR_)?MODULE_NOT_FOUND$/.test((thrown as { code: string }).code);
    } catch {
      return false; // what has no code, or none that can be read, is no error of Deno's
    }
  }

  /** A failed import, in words that say nothing of the server. */
  function importFailure(command: string, { message, stack }: Failure): Failure {
    const refused = command === evalCommand ||
      /^Requires |--no-remote|--no-npm|--cached-only|^Unsupported scheme|^invalid URL/.test(
        message,
      );
    const text = command === evalCommand
      ? "it imports a module. Expressions have none but those of `node:` and `data:`."
      : refused
      ? "it imports what it has no permission to read. Write the specifier in the source of the " +
        "module as a string, or grant `permissions.read` for the file."
      : "a module that it imports cannot be loaded. The log of the server names it.";
    return {
      code: refused ? "permission_denied" : "unknown",
      name: "RpcError",
      message: `Cannot run "${command}": ${text}`,
      // Which one it was is in the stack, for the operator of the server.
      ...(stack === undefined ? {} : { stack }),
    };
  }

  /** A denied access under its own code, and without the paths and hosts that Deno's text names. */
  function denied(command: string, failure: Failure): Failure {
    if (failure.name !== "NotCapable" && failure.name !== "PermissionDenied") return failure;
    const [, kind] = /^Requires (\w+) access/.exec(failure.message) ?? [];
    const message = kind === undefined
      ? `Cannot run "${command}": the system denied it access.`
      : `Cannot run "${command}": it has no permission "${kind}". ` + (command === evalCommand
        ? "Expressions never have any."
        : "Grant it in `permissions` of the server, if the command should have it.");
    const denial = { code: "permission_denied", name: "RpcError", message } as const;
    // What exactly it wanted is in the stack, for the server's log. The command may have changed
    // the stack: without the error's own name in front it could look like an RpcError of its own.
    const { stack, name } = failure;
    if (stack === undefined) return denial;
    const own = stack.startsWith(name) ? stack : `${name}: ${failure.message}\n${stack}`;
    return { ...denial, stack: own };
  }

  function encode({ context, input, resultAs }: Job, result: unknown): Outcome {
    const what = `send the result of "${context.command}"`;
    let output;
    try {
      output = resultAs === "text"
        ? codecs.encodeText(result)
        : codecs.encode(result, input.contentType);
    } catch (error) {
      // A getter or a `toJSON` may want what the command may not have.
      const failure = describe(error);
      const refused = denied(context.command, failure);
      if (refused !== failure) return { ok: false, failure: refused };
      return fail("internal", `Cannot ${what}: ${failure.message}.`);
    }
    const size = output.bytes.byteLength;
    if (size <= resultBytes) return { ok: true, output };
    return fail(
      "resource_exhausted",
      `Cannot ${what}: it has ${size} bytes, the limit is ${resultBytes}. ` +
        "Put the value in a store and return its address, as in docs/values.md#claim-check; or " +
        "raise `limits.resultBytes` and the topic's `max.message.bytes`.",
    );
  }

  /** What a command threw, or its generator. */
  function failureOf(command: string, thrown: unknown): Outcome {
    const failure = describe(thrown);
    const ours = isImport(thrown) ? importFailure(command, failure) : denied(command, failure);
    return { ok: false, failure: ours };
  }

  const isStream = (result: unknown): result is AsyncIterable<unknown> =>
    typeof result === "object" && result !== null &&
    typeof (result as AsyncIterable<unknown>)[Symbol.asyncIterator] === "function";

  /**
   * Sends the values of a generator. It is asked for the next one when there is room for it, and
   * left when the signal aborts: its `finally` runs then.
   */
  async function pump(
    job: Job,
    values: AsyncIterable<unknown>,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { context: { command }, stream } = job;
    if (stream === undefined) {
      const text = `Cannot call "${command}": it is a stream. Use \`client.stream()\`.`;
      return fail("invalid_argument", text);
    }
    let stop = () => {};
    signal.addEventListener("abort", () => stop(), { once: true });
    /** Gives undefined when the signal aborts. A race would keep a reaction for each value. */
    const untilStopped = <T>(work: Promise<T>) =>
      new Promise<T | undefined>((resolve, reject) => {
        stop = () => resolve(undefined);
        if (signal.aborted) stop();
        work.then(resolve, reject);
      });
    let open: AsyncIterator<unknown> | undefined;
    try {
      const source = values[Symbol.asyncIterator]();
      while (!signal.aborted) {
        open = undefined; // One that throws has ended.
        const step = await untilStopped(Promise.resolve(source.next()));
        if (step?.done) {
          const outcome = encode(job, step.value);
          return outcome.ok ? { ...outcome, isEnd: true } : outcome;
        }
        open = source;
        if (step === undefined) break;
        const outcome = encode(job, step.value);
        if (!outcome.ok) return outcome;
        const room = stream.emit(outcome.output);
        if (room !== undefined) await untilStopped(room);
      }
      return fail("canceled", `Cannot finish "${command}": it was aborted.`);
    } catch (thrown) {
      return failureOf(command, thrown);
    } finally {
      await open?.return?.();
    }
  }

  return async (job, signal) => {
    const { command } = job.context;
    const run = find(command);
    if (run === undefined) {
      return fail("not_found", `Cannot run "${command}": no such command.`);
    }
    let input: unknown;
    try {
      input = codecs.decode(job.input);
    } catch (error) {
      return fail(
        "invalid_argument",
        `Cannot read the input of "${command}": ${reasonOf(error)}.`,
      );
    }
    let metadata: Outcome["metadata"];
    let isOver = false;
    const setReplyMetadata = (name: string, value: string) => {
      if (isOver) {
        throw new TypeError("Cannot set the metadata of the reply: the command has ended.");
      }
      metadata = rules?.add(metadata, name, value);
    };
    let outcome: Outcome;
    try {
      const result: unknown = await run(input, { ...job.context, signal, setReplyMetadata });
      const isOne = job.resultAs === "text" || !isStream(result);
      outcome = isOne ? encode(job, result) : await pump(job, result, signal);
    } catch (thrown) {
      outcome = failureOf(command, thrown);
    }
    isOver = true;
    return metadata === undefined ? outcome : { ...outcome, metadata };
  };
}
