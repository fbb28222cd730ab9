/**
 * The code inside a sandbox. It travels as text, because a worker of a package
 * that was itself imported over https cannot be started from a file of it.
 *
 * @module
 */
import { type Codec, createCodec } from "../wire/codec.ts";
import type { FromSandbox, SandboxBoot, ToSandbox } from "./messages.ts";
import { type Command, createRunner, type RunnerOptions } from "./run_command.ts";

/**
 * Gives the source of a worker that loads the commands, says which there are,
 * and then runs one job at a time.
 *
 * @param boot What the worker must know.
 * @returns JavaScript of a module.
 */
export function workerSource(boot: SandboxBoot): string {
  // Both functions are self-contained, so their text is all that they are.
  return `(${insideWorker})(${createCodec}, ${createRunner}, ${JSON.stringify(boot)});`;
}

/** Runs in the worker. It sees its parameters and the globals, nothing of this file. */
async function insideWorker(
  newCodec: () => Codec,
  newRunner: typeof createRunner,
  boot: SandboxBoot,
): Promise<void> {
  const scope = globalThis as unknown as {
    postMessage(message: FromSandbox): void;
    addEventListener(
      type: "message",
      listener: (event: MessageEvent<ToSandbox>) => void,
    ): void;
  };
  // Held before any command can replace them.
  const post = scope.postMessage.bind(scope);
  const codec = newCodec();
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const indirectEval = eval;
  const { hasOwn, keys } = Object;

  /** Whether an expression compiles with `await`. In brackets, so that `await 1) + (2` does not. */
  function isAwaiting(code: string): boolean {
    if (!/\bawait\b/.test(code)) return false;
    try {
      new AsyncFunction(`return [\n${code}\n]`);
      new AsyncFunction(`return (\n${code}\n)`);
      return true;
    } catch {
      return false; // then it is what the language's own eval makes of it, errors included
    }
  }

  const evaluate: Command = (code: unknown) => {
    if (typeof code !== "string") {
      const kind = code === null ? "null" : `of type ${typeof code}`;
      const text = `Cannot evaluate: the input is ${kind}. Send the expression as a string.`;
      throw Object.assign(new Error(text), {
        name: "RpcError",
        code: "invalid_argument",
      });
    }
    // Indirect: in the global scope, so that it sees nothing of this function.
    return isAwaiting(code) ? new AsyncFunction(`return (\n${code}\n)`)() : indirectEval(code);
  };

  let find: RunnerOptions["find"];
  let commands: string[];
  try {
    const { module } = boot;
    if (module === undefined) {
      commands = ["eval"];
      find = (name) => name === "eval" ? evaluate : undefined;
    } else {
      const namespace = await import(module) as Record<string, Command>;
      commands = keys(namespace)
        .filter((name) => name !== "default" && typeof namespace[name] === "function");
      // Own exported functions only: a namespace has no prototype, but its commands may pollute one.
      find = (name) => {
        if (!hasOwn(namespace, name) || name === "default") return undefined;
        return typeof namespace[name] === "function" ? namespace[name] : undefined;
      };
    }
  } catch (thrown) {
    post({ type: "failed", failure: codec.describe(thrown, boot.codes) });
    return;
  }

  const run = newRunner({
    codec,
    codes: boot.codes,
    resultBytes: boot.resultBytes,
    find,
  });
  const running = new Map<number, AbortController>();
  scope.addEventListener("message", async ({ data }) => {
    if (data.type === "abort") {
      const { code, name, message } = data.reason;
      running.get(data.run)?.abort(
        Object.assign(new Error(message), { name, code }),
      );
      return;
    }
    const controller = new AbortController();
    running.set(data.run, controller);
    const outcome = await run(data.job, controller.signal);
    running.delete(data.run);
    post({ type: "done", run: data.run, outcome });
  });
  post({ type: "ready", commands });
}
