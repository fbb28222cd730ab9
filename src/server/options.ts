/**
 * Options of a server, checked.
 *
 * @module
 */
import { DEFAULT_RESULT_BYTES } from "../executor/executor.ts";
import { DEFAULT_LOAD_MS } from "../executor/loading.ts";
import type { CommandTable } from "../executor/in_process.ts";
import { type SandboxPermissions, sandboxPermissions } from "../executor/permissions.ts";
import { type Check, flag, flagOr, listOf, oneOf, refuse, show } from "../options/check.ts";
import { signal, text, wholeNumber } from "../options/check.ts";
import { codecModules } from "../options/codec.ts";
import { type Schema, shape } from "../options/shape.ts";
import { checkDistinct, topicName } from "../options/topics.ts";
import { CONNECTION, type ConnectionOptions } from "../transport/connection_options.ts";
import { type Logger, safeLogger, stderrLogger } from "../logging/logger.ts";
import { RpcError } from "../wire/errors.ts";
import { type ReplayOptions, replayOptions, type ReplaySettings } from "./replay.ts";

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
  /** Milliseconds that a sandbox may take to load its commands, 1 to 2 147 483 647. Default: 30 000. */
  readonly loadMs?: number | undefined;
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
  /**
   * Modules whose default export is a {@linkcode Codec}, for inputs of other content types than
   * JSON, text and bytes: a request is answered in the content type of its input. They are imported
   * where the commands run. Default: none.
   */
  readonly codecs?: readonly URL[] | undefined;
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
  /** How to reach the cluster. */
  readonly connection: ConnectionOptions & { readonly logger: Logger };
  /** Topic that commands come on. */
  readonly topic: string;
  /** Topic that results go to. */
  readonly resultsTopic: string;
  /** Consumer group. */
  readonly group: string;
  /** The commands. */
  readonly commands: URL | CommandTable | undefined;
  /** Modules of codecs. */
  readonly codecs: readonly URL[];
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
  /** Closes the server when it aborts. */
  readonly signal: AbortSignal | undefined;
}

const MODULE_EXAMPLE = 'new URL("./commands.ts", import.meta.url)';

const commandsOption: Check<URL | CommandTable> = (value, name) => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as URL | CommandTable;
  }
  const reason = `it is ${show(value)}, neither a URL nor an object of functions`;
  return refuse(name, reason, `Give ${MODULE_EXAMPLE}, or { add: (input) => … }.`);
};

const LIMITS: Schema<Limits> = {
  timeoutMs: wholeNumber(),
  memoryMb: wholeNumber({ from: 32, to: 65_536 }),
  queue: wholeNumber({ to: 1_000_000 }),
  queueMs: wholeNumber(),
  loadMs: wholeNumber(),
  commandsPerWorker: wholeNumber({ orInfinity: true }),
  requestBytes: wholeNumber(),
  resultBytes: wholeNumber(),
};

const SERVE: Schema<ServeOptions> = {
  ...CONNECTION,
  topic: topicName,
  resultsTopic: topicName,
  group: text,
  commands: commandsOption,
  codecs: codecModules,
  evaluate: flag,
  isolation: oneOf(["process", "worker", "none"]),
  permissions: sandboxPermissions,
  denoPath: text,
  concurrency: wholeNumber({ to: 10_000 }),
  limits: shape(LIMITS, { example: "{ timeoutMs: 30_000 }" }),
  replyTopics: listOf(topicName, '["results"]'),
  replay: flagOr(replayOptions),
  control: flag,
  deadLetters: flag,
  sendStacks: flag,
  drainTimeoutMs: wholeNumber(),
  signal,
};

const serveOptions = shape(SERVE, {
  owner: "serve()",
  example: `{ commands: ${MODULE_EXAMPLE} }`,
});

/**
 * Checks the options of a server and fills in its defaults.
 *
 * @param given As given.
 * @returns Every setting.
 * @throws {RpcError} `invalid_argument` that names the option.
 */
export function serverSettings(given: ServeOptions): ServerSettings {
  const options = serveOptions(given, "");
  const { commands, evaluate = false, topic = "commands", limits = {} } = options;
  const { resultsTopic = `${topic}_results`, replay = true } = options;
  const inProcess = commands !== undefined && !(commands instanceof URL);
  const cores = Math.max(2, navigator.hardwareConcurrency);
  const { concurrency = inProcess ? 100 : cores } = options;
  const settings = {
    connection: { ...options, logger: safeLogger(options.logger ?? stderrLogger()) },
    topic,
    resultsTopic,
    group: options.group ?? `${topic}-servers`,
    commands,
    codecs: options.codecs ?? [],
    evaluate,
    isolation: isolationOf(options),
    permissions: options.permissions ?? {},
    denoPath: options.denoPath,
    sandboxes: inProcess ? Math.min(cores, concurrency) : concurrency,
    concurrency,
    limits: limitSettings(limits),
    replyTopics: new Set(options.replyTopics ?? [resultsTopic]),
    replay: replaySettings(replay),
    controlTopic: options.control === false ? undefined : `${topic}_control`,
    deadLetterTopic: options.deadLetters ? `${topic}-dlt` : undefined,
    sendStacks: options.sendStacks ?? false,
    drainTimeoutMs: options.drainTimeoutMs ?? 10_000,
    signal: options.signal,
  };
  checkTopics(settings);
  return settings;
}

function checkTopics(settings: ServerSettings): void {
  const { topic, resultsTopic, replyTopics, controlTopic, deadLetterTopic } = settings;
  for (const replyTopic of new Set([resultsTopic, ...replyTopics])) {
    checkDistinct([
      ["`topic`", topic],
      [replyTopic === resultsTopic ? "`resultsTopic`" : "one of `replyTopics`", replyTopic],
      ["the topic of `control`", controlTopic],
      ["the topic of `deadLetters`", deadLetterTopic],
    ]);
  }
}

/** Where the commands run; refuses what does not go together. */
function isolationOf({ commands, evaluate, isolation, permissions }: ServeOptions): Isolation {
  if (commands === undefined && !evaluate) {
    throw refused("there is nothing to serve. Give `commands`, `evaluate: true`, or both");
  }
  const module = commands === undefined || commands instanceof URL;
  const chosen = isolation ?? (module ? "process" : "none");
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

function limitSettings(limits: Limits): ServerSettings["limits"] {
  return {
    timeoutMs: limits.timeoutMs ?? 30_000,
    memoryMb: limits.memoryMb ?? 256,
    loadMs: limits.loadMs ?? DEFAULT_LOAD_MS,
    commandsPerWorker: limits.commandsPerWorker ?? Infinity,
    queue: limits.queue ?? 1_000,
    queueMs: limits.queueMs ?? 30_000,
    requestBytes: limits.requestBytes ?? 1_000_000,
    resultBytes: limits.resultBytes ?? DEFAULT_RESULT_BYTES,
  };
}

function replaySettings(replay: boolean | ReplayOptions): ReplaySettings | undefined {
  if (replay === false) return undefined;
  const { windowMs = 300_000, maxEntries = 10_000, maxBytes = 16_777_216 } = replay === true
    ? {}
    : replay;
  return { windowMs, maxEntries, maxBytes };
}

function refused(reason: string): RpcError {
  return new RpcError("invalid_argument", `Cannot serve: ${reason}.`);
}
