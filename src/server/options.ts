/**
 * Options of a server, checked.
 *
 * @module
 */
import type { CommandTable } from "../executor/in_process.ts";
import type { SandboxPermissions } from "../executor/child_process.ts";
import { checkDistinct, checkTopic, checkWhole } from "../transport/check.ts";
import type { ConnectionOptions } from "../transport/connection_options.ts";
import { RpcError } from "../wire/errors.ts";
import type { ReplayOptions, ReplaySettings } from "./replay.ts";

/** Bounds of what one command may take. */
export interface Limits {
  /** Milliseconds a command may run, 1 to 2 147 483 647; the caller's deadline may be nearer. Default: 30 000. */
  readonly timeoutMs?: number | undefined;
  /**
   * With isolation `process`: most mebibytes that one command may take beyond a bare child
   * process, heap, buffers and WASM together, 32 to 65 536. Default: 256.
   */
  readonly memoryMb?: number | undefined;
  /** Most requests that a server takes before it can start them. Default: 1 000. */
  readonly queue?: number | undefined;
  /** Milliseconds that a request may wait for its start at a server. Default: 30 000. */
  readonly queueMs?: number | undefined;
  /** Commands of a module after which its sandbox is replaced. Default: never. */
  readonly commandsPerWorker?: number | undefined;
  /** Most bytes of an encoded input and its metadata. Default: 1 000 000. */
  readonly requestBytes?: number | undefined;
  /** Most bytes of an encoded result. Default: 1 000 000. */
  readonly resultBytes?: number | undefined;
}

/**
 * Where the commands of a module run:
 *
 * - `process`: in child processes without permissions, which can be ended whatever they do
 * - `worker`: in Web Workers of this process, with its permissions; for code that you trust
 * - `none`: in the main thread; the only place for an object of functions
 */
export type Isolation = "process" | "worker" | "none";

/** Options of {@linkcode serve}. */
export interface ServeOptions extends ConnectionOptions {
  /** Topic that commands come on. Default: `commands`. */
  readonly topic?: string | undefined;
  /** Topic that results go to. Default: `<topic>_results`. */
  readonly resultsTopic?: string | undefined;
  /** Consumer group of the servers that share the work. Default: `<topic>-servers`. */
  readonly group?: string | undefined;
  /**
   * The commands: URL of a module whose exported functions are commands, or an
   * object of functions, which run in this process.
   */
  readonly commands?: URL | CommandTable | undefined;
  /** Whether expressions are evaluated: the command `eval` and the plain protocol. Default: false. */
  readonly evaluate?: boolean | undefined;
  /**
   * Where the commands run. Default: `process` for a module, `none` for an object of functions.
   * Expressions always run in child processes.
   */
  readonly isolation?: Isolation | undefined;
  /** What the commands of a module may do with isolation `process`. Default: nothing. */
  readonly permissions?: SandboxPermissions | undefined;
  /** Path of the Deno executable for child processes. Default: the one that runs this program. */
  readonly denoPath?: string | undefined;
  /** Commands that run at a time, 1 to 10 000. Default: the number of cores, at least 2; 100 for an object. */
  readonly concurrency?: number | undefined;
  /** Bounds of what one command may take. */
  readonly limits?: Limits | undefined;
  /** The only topics that a request may name for its reply. Default: `resultsTopic`. */
  readonly replyTopics?: readonly string[] | undefined;
  /**
   * How much of its answers a server remembers, so that a request that comes again is answered
   * without running again. False: nothing. Default: the defaults of {@linkcode ReplayOptions}.
   */
  readonly replay?: boolean | ReplayOptions | undefined;
  /** Whether callers may cancel, over the topic `<topic>_control`. Default: true. */
  readonly control?: boolean | undefined;
  /** Whether records that can't be read are put on the topic `<topic>-dlt`. Default: false. */
  readonly deadLetters?: boolean | undefined;
  /** Whether the stack of a failed command is sent to its caller. Default: false. */
  readonly sendStacks?: boolean | undefined;
  /** Milliseconds that a close waits for running commands. Default: 10 000. */
  readonly drainTimeoutMs?: number | undefined;
  /**
   * Closes the server when it aborts. Without it, SIGINT and SIGTERM close the
   * server, and a second one ends the process at once.
   */
  readonly signal?: AbortSignal | undefined;
}

/** {@linkcode ServeOptions} with every default in its place. */
export interface ServerSettings {
  /** Topic that commands come on. */
  readonly topic: string;
  /** Topic that results go to. */
  readonly resultsTopic: string;
  /** Consumer group. */
  readonly group: string;
  /** The commands. */
  readonly commands: URL | CommandTable | undefined;
  /** Whether expressions are evaluated. */
  readonly evaluate: boolean;
  /** Where the commands run. */
  readonly isolation: Isolation;
  /** What the commands of a module may do. */
  readonly permissions: SandboxPermissions;
  /** The Deno executable for child processes. */
  readonly denoPath: string | undefined;
  /** Commands that run at a time. */
  readonly concurrency: number;
  /** Sandboxes that run at a time, of each kind: a function needs none, an expression does. */
  readonly sandboxes: number;
  /** Bounds of one command. */
  readonly limits: { readonly [Name in keyof Limits]-?: number };
  /** Topics that a request may name for its reply. */
  readonly replyTopics: ReadonlySet<string>;
  /** How much is remembered; undefined for nothing. */
  readonly replay: ReplaySettings | undefined;
  /** Topic that cancellations come on; undefined for none. */
  readonly controlTopic: string | undefined;
  /** Topic for records that can't be read; undefined for none. */
  readonly deadLetterTopic: string | undefined;
  /** Whether stacks are sent. */
  readonly sendStacks: boolean;
  /** Milliseconds that a close waits. */
  readonly drainTimeoutMs: number;
}

/**
 * Checks the options of a server and fills in its defaults.
 *
 * @param options As given.
 * @returns Every setting.
 * @throws {RpcError} `invalid_argument` that names the option.
 */
export function serverSettings(options: ServeOptions): ServerSettings {
  const topic = checkTopic("topic", options.topic ?? "commands");
  const resultsTopic = checkTopic("resultsTopic", options.resultsTopic ?? `${topic}_results`);
  const replyTopics = new Set(
    (options.replyTopics ?? [resultsTopic]).map((name) => checkTopic("replyTopics", name)),
  );
  const controlTopic = options.control === false ? undefined : `${topic}_control`;
  const deadLetterTopic = options.deadLetters ? `${topic}-dlt` : undefined;
  for (const replyTopic of new Set([resultsTopic, ...replyTopics])) {
    checkDistinct([
      ["`topic`", topic],
      [replyTopic === resultsTopic ? "`resultsTopic`" : "one of `replyTopics`", replyTopic],
      ["the topic of `control`", controlTopic],
      ["the topic of `deadLetters`", deadLetterTopic],
    ]);
  }
  const { commands, evaluate = false, limits = {} } = options;
  const inProcess = commands !== undefined && !(commands instanceof URL);
  const isolation = checkIsolation(options);
  const cores = Math.max(2, navigator.hardwareConcurrency);
  const asked = options.concurrency ?? (inProcess ? 100 : cores);
  const concurrency = checkWhole("concurrency", asked, 10_000);
  return {
    topic,
    resultsTopic,
    group: options.group ?? `${topic}-servers`,
    commands,
    evaluate,
    isolation,
    permissions: options.permissions ?? {},
    denoPath: options.denoPath,
    sandboxes: inProcess ? Math.min(cores, concurrency) : concurrency,
    concurrency,
    limits: checkLimits(limits),
    replyTopics,
    replay: checkReplay(options.replay ?? true),
    controlTopic,
    deadLetterTopic,
    sendStacks: options.sendStacks ?? false,
    drainTimeoutMs: checkWhole("drainTimeoutMs", options.drainTimeoutMs ?? 10_000),
  };
}

function checkIsolation({ commands, evaluate, isolation, permissions }: ServeOptions): Isolation {
  if (commands === undefined && !evaluate) {
    throw refused("there is nothing to serve. Give `commands`, `evaluate: true`, or both");
  }
  if (commands !== undefined && (typeof commands !== "object" || commands === null)) {
    throw refused(
      '`commands` is neither a URL nor an object. Give new URL("./commands.ts", import.meta.url)',
    );
  }
  const module = commands === undefined || commands instanceof URL;
  const chosen = isolation ?? (module ? "process" : "none");
  if (!["process", "worker", "none"].includes(chosen)) {
    throw refused(`\`isolation\` is ${JSON.stringify(chosen)}, not "process", "worker" or "none"`);
  }
  if (module && chosen === "none") {
    throw refused(
      '`isolation: "none"` is for an object of functions. Import the module and give that object',
    );
  }
  if (!module && chosen !== "none") {
    throw refused(`an object of functions cannot run in a ${chosen}. Give the URL of a module`);
  }
  if (permissions !== undefined && (chosen !== "process" || commands === undefined)) {
    throw refused(
      "`permissions` are for the commands of a module in child processes. Other commands have " +
        "those of this program, and expressions never have any",
    );
  }
  return chosen;
}

function checkLimits(limits: Limits): ServerSettings["limits"] {
  const { commandsPerWorker = Infinity, memoryMb = 256 } = limits;
  if (memoryMb < 32) throw refused(`limits.memoryMb is ${memoryMb}. Give 32 or more`);
  return {
    timeoutMs: checkWhole("limits.timeoutMs", limits.timeoutMs ?? 30_000),
    memoryMb: checkWhole("limits.memoryMb", memoryMb, 65_536),
    commandsPerWorker: commandsPerWorker === Infinity
      ? Infinity
      : checkWhole("limits.commandsPerWorker", commandsPerWorker),
    queue: checkWhole("limits.queue", limits.queue ?? 1_000, 1_000_000),
    queueMs: checkWhole("limits.queueMs", limits.queueMs ?? 30_000),
    requestBytes: checkWhole("limits.requestBytes", limits.requestBytes ?? 1_000_000),
    resultBytes: checkWhole("limits.resultBytes", limits.resultBytes ?? 1_000_000),
  };
}

function checkReplay(replay: boolean | ReplayOptions): ReplaySettings | undefined {
  if (replay === false) return undefined;
  const { windowMs, maxEntries, maxBytes } = replay === true ? {} as ReplayOptions : replay;
  return {
    windowMs: checkWhole("replay.windowMs", windowMs ?? 300_000),
    maxEntries: checkWhole("replay.maxEntries", maxEntries ?? 10_000),
    maxBytes: checkWhole("replay.maxBytes", maxBytes ?? 16_777_216),
  };
}

function refused(reason: string): RpcError {
  return new RpcError("invalid_argument", `Cannot serve: ${reason}.`);
}
