// The code inside a sandbox. It travels as text, because a worker of a package
// that was itself imported over https cannot be started from a file of it.
import { type CommandContract, CONTRACT } from "../../contract/contract.ts";
import { jsonSchemaOf } from "../../contract/json_schema_of.ts";
import type { CommandPolicy } from "../../contract/policy.ts";
import { createBytesCodec } from "../../wire/codecs/bytes.ts";
import { type Codecs, createCodecs } from "../../wire/codecs/codecs.ts";
import { createJsonCodec } from "../../wire/codecs/json.ts";
import { createTextCodec } from "../../wire/codecs/text.ts";
import { createDescribe } from "../../wire/describe.ts";
import { RPC_CODES } from "../../wire/errors.ts";
import type { Payload } from "../../wire/outcome.ts";
import type { Credit } from "../../wire/stream.ts";
import { EVAL_COMMAND } from "../../wire/headers.ts";
import {
  createMetadataRules,
  METADATA_SETTINGS,
  type MetadataSettings,
} from "../../wire/metadata.ts";
import type { Job } from "../executor.ts";
import { createDescribeCommands, type Descriptions } from "./describe_commands.ts";
import { createClaims } from "./claims.ts";
import { createEvaluate } from "./evaluate.ts";
import { checkNeeds } from "./needs.ts";
import { loadCodecs } from "./load_codecs.ts";
import {
  createMessageCodec,
  type FromSandbox,
  type LoadedPart,
  type SandboxBoot,
  type ToSandbox,
} from "./messages.ts";
import { receiveMemory, textOf } from "./program.ts";
import { type Command, createIsCommand, createRunner, type RunnerOptions } from "./run_command.ts";
import { createThreadChannel, LAYOUT } from "./thread_channel.ts";
import { createTurns } from "./turns.ts";
import { createValueFlow, type ValueFlow } from "./value_flow.ts";

/** What the code inside is made of: each function is self-contained, so its text is all of it. */
const PARTS = {
  createJsonCodec,
  createBytesCodec,
  createTextCodec,
  createCodecs,
  createDescribe,
  createMessageCodec,
  checkNeeds,
  jsonSchemaOf,
  createDescribeCommands,
  createClaims,
  createEvaluate,
  createIsCommand,
  createMetadataRules,
  createRunner,
  createThreadChannel,
  createTurns,
  createValueFlow,
  loadCodecs,
  receiveMemory,
};

/**
 * Source of a worker that loads the commands, lists them, and then runs jobs. The first message to
 * it is the memory of its claims and that of its channel.
 */
export function workerSource(boot: SandboxBoot): string {
  const settings = JSON.stringify({
    ...boot,
    codes: RPC_CODES,
    evalCommand: EVAL_COMMAND,
    metadata: METADATA_SETTINGS,
    contract: Symbol.keyFor(CONTRACT)!,
    layout: LAYOUT,
  });
  return `(${runWorker})(${textOf(PARTS)}, ${settings});`;
}

/** Runs in the worker. It sees its parameters and the globals, nothing of this file. */
async function runWorker(
  parts: typeof PARTS,
  boot: SandboxBoot & {
    readonly codes: readonly string[];
    readonly evalCommand: string;
    readonly metadata: MetadataSettings;
    readonly contract: string;
    readonly layout: typeof LAYOUT;
  },
): Promise<void> {
  const scope = globalThis as unknown as {
    postMessage(frame: Uint8Array, transfer?: ArrayBuffer[]): void;
    close(): void;
    addEventListener(
      type: "message",
      listener: (event: MessageEvent<unknown>) => void,
      options?: { once: boolean },
    ): void;
  };
  const [claimed, memory] = await parts.receiveMemory(scope);
  // Held before any command can replace them.
  const claims = parts.createClaims(claimed);
  const later = parts.createTurns();
  const postMessage = scope.postMessage.bind(scope);
  const close = scope.close.bind(scope);
  const { evalCommand } = boot;
  const builtIn = {
    json: parts.createJsonCodec(),
    bytes: parts.createBytesCodec(),
    text: parts.createTextCodec(),
  };
  const describe = parts.createDescribe(builtIn.json, boot.codes);
  const { encode, decode } = parts.createMessageCodec();
  const evaluateText = parts.createEvaluate();
  const { stringify } = JSON;
  const { hasOwn, keys, getPrototypeOf, getOwnPropertyDescriptor } = Object;
  const { apply } = Reflect;
  const bytes = getPrototypeOf(Uint8Array.prototype);
  const kindOf = getOwnPropertyDescriptor(bytes, Symbol.toStringTag)!.get!;
  const bufferOf = getOwnPropertyDescriptor(bytes, "buffer")!.get!;
  const isCommand = parts.createIsCommand();
  const carried = Symbol.for(boot.contract);
  const describeCommands = parts.createDescribeCommands(parts.jsonSchemaOf, carried);
  const channel = parts.createThreadChannel({
    memory,
    side: "inside",
    post: (frame) => postMessage(frame, [frame.buffer]),
    onFrame: (frame) => take(decode(frame) as ToSandbox),
    onBroken: close,
    later,
  }, boot.layout);
  const post = (message: FromSandbox) => channel.send(encode(message));

  // Commands can post too. The supervisor watches the memory in the thread that reads this:
  // an object may take long to read, bytes that are handed over take no time.
  scope.postMessage = (value) => {
    if (apply(kindOf, value, []) !== "Uint8Array") {
      return post({ type: "broken", reason: "it sent what is no frame" });
    }
    try {
      postMessage(value, [apply(bufferOf, value, [])]);
    } catch {
      postMessage(value); // Shared memory cannot be handed over: it is refused outside.
    }
  };

  // Both end a worker without any event outside: the caller would wait until the deadline.
  scope.close = () => {
    post({ type: "broken", reason: "the command closed it" });
    close();
  };
  Deno.exit = (code = 0): never => {
    post({ type: "broken", reason: `the command called exit(${code})` });
    close();
    throw new Error("this worker is closed");
  };

  const evaluate: Command = (code: unknown) => {
    if (typeof code !== "string") {
      const kind = code === null ? "null" : `of type ${typeof code}`;
      const text = `Cannot evaluate: the input is ${kind}. Send the expression as a string.`;
      throw Object.assign(new Error(text), { name: "RpcError", code: "invalid_argument" });
    }
    return evaluateText(code);
  };

  let find: RunnerOptions["find"];
  let commands: string[];
  let policies: [string, CommandPolicy][] = [];
  let descriptions: Descriptions | undefined;
  let codecs: Codecs;
  let part: LoadedPart = "codecs";
  try {
    codecs = await parts.loadCodecs(
      boot.codecs ?? [],
      (added) => parts.createCodecs(builtIn, added),
    );
    part = "commands";
    const { module } = boot;
    if (module === undefined) {
      commands = [evalCommand];
      find = (name) => name === evalCommand ? evaluate : undefined;
    } else {
      // A module that exports `then` would be taken for a promise: another one stands around it.
      const around = `export * as commands from ${stringify(module)};`;
      const url = URL.createObjectURL(new Blob([around], { type: "text/javascript" }));
      const { commands: namespace } = await import(url) as {
        commands: Record<string, Command>;
      };
      URL.revokeObjectURL(url);
      if (hasOwn(namespace, "then") && typeof namespace["then"] === "function") {
        throw new TypeError(
          'it exports a function "then", so an `import()` of it waits for that ' +
            "function instead. Rename it",
        );
      }
      commands = keys(namespace).filter((name) => isCommand(name, namespace[name]));
      policies = commands.flatMap((name) => {
        const contract =
          (namespace[name] as unknown as { [key: symbol]: CommandContract })[carried];
        if (contract === undefined) return [];
        if (contract.permissions !== undefined) parts.checkNeeds(name, contract.permissions);
        const { timeoutMs, idempotent, concurrency, priority, limits } = contract;
        return [[name, { timeoutMs, idempotent, concurrency, priority, limits }]];
      });
      descriptions = describeCommands(commands, namespace);
      // Own exported functions only: a namespace has no prototype, but its commands may pollute one.
      find = (name) =>
        hasOwn(namespace, name) && isCommand(name, namespace[name]) ? namespace[name] : undefined;
    }
  } catch (thrown) {
    post({ type: "failed", part, failure: describe(thrown) });
    return;
  }

  const { resultBytes } = boot;
  const metadata = parts.createMetadataRules(boot.metadata);
  const run = parts.createRunner({ codecs, describe, evalCommand, resultBytes, find, metadata });
  const running = new Map<number, AbortController>();
  const flows = new Map<number, ValueFlow>();
  let begun: number[] = [];
  let pings: number[] = [];
  const endTurn = () => {
    const runs = [...begun.filter((run) => running.has(run)), ...pings];
    begun = [];
    pings = [];
    if (runs.length > 0) post({ type: "waiting", runs });
  };
  /** Once in a turn: after whatever its jobs do at once. */
  const atEndOfTurn = () => {
    if (begun.length + pings.length === 1) later(endTurn);
  };
  const begin = async (number: number, given: Job, credit: Credit | undefined) => {
    const controller = new AbortController();
    running.set(number, controller);
    let job = given;
    if (credit !== undefined) {
      const send = (output: Payload) => post({ type: "value", run: number, output });
      const flow = parts.createValueFlow(send, credit);
      flows.set(number, flow);
      job = { ...given, stream: { ...flow, credit, watch: () => {} } };
    }
    const outcome = await run(job, controller.signal);
    running.delete(number);
    flows.delete(number);
    post({ type: "done", run: number, outcome });
  };
  /** No message comes before it is said that this is ready. */
  const take = (message: ToSandbox) => {
    if (message.type === "ping") {
      pings.push(message.run);
      atEndOfTurn();
    } else if (message.type === "abort") {
      const { code, name, message: text } = message.reason;
      running.get(message.run)?.abort(Object.assign(new Error(text), { name, code }));
    } else if (message.type === "credit") {
      flows.get(message.run)?.raise(message.credit);
    } else if (claims.begin(message.run)) {
      begun.push(message.run);
      atEndOfTurn();
      void begin(message.run, message.job, message.credit);
    }
  };
  scope.addEventListener("message", ({ data }) => channel.receive(data as Uint8Array));
  const contentTypes = boot.codecs?.length ? codecs.contentTypes : undefined;
  // Not through the memory: it would overtake what the module posted at its import.
  const ready: FromSandbox = { type: "ready", commands, policies, descriptions, contentTypes };
  channel.sendMessage(encode(ready));
}
