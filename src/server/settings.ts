// Options of a server, checked, with their defaults.
import type { Executor } from "../executor/executor.ts";
import type { CommandTable } from "../executor/in_process.ts";
import { DEFAULT_LOAD_MS } from "../executor/loading.ts";
import type { CommandPolicy } from "../contract/policy.ts";
import { policiesOption } from "../options/contract.ts";
import { type SandboxPermissions, sandboxPermissions } from "../executor/permissions.ts";
import { type Logger, safeLogger, stderrLogger } from "../logging/logger.ts";
import { callable, type Check, flag, flagOr, listOf, oneOf, refuse } from "../options/check.ts";
import { show, signal, text, wholeNumber, withMethods } from "../options/check.ts";
import { codecModules } from "../options/codec.ts";
import {
  DEFAULT_REPLY_WINDOW_MS,
  DEFAULT_TIMEOUT_MS,
  DEFAULT_VALUE_BYTES,
} from "../options/defaults.ts";
import { type Schema, shape } from "../options/shape.ts";
import { checkDistinct, serviceNames, topicName } from "../options/topics.ts";
import type { Interceptor } from "../pipeline/call.ts";
import { interceptorsOption } from "../pipeline/interceptors_option.ts";
import { signOption, verifyOption } from "../signing/options.ts";
import type { VerifyKeys } from "../signing/keys.ts";
import type { SigningKeys } from "../signing/signer.ts";
import { CONNECTION, type ConnectionOptions } from "../transport/connection_options.ts";
import { RpcError } from "../wire/errors.ts";
import { checkSigning } from "./check_signing.ts";
import type {
  Authorize,
  EvaluateOptions,
  Isolation,
  Limits,
  ReplyCacheOptions,
  ServeOptions,
} from "./options.ts";

/** {@linkcode ServeOptions} with every default in its place. */
export interface ServerSettings {
  readonly connection: ConnectionOptions & { readonly logger: Logger };
  readonly topic: string;
  readonly resultsTopic: string;
  readonly group: string;
  readonly commands: URL | CommandTable | undefined;
  readonly codecs: readonly URL[];
  /** The user's own. */
  readonly executor: Executor | undefined;
  readonly interceptors: readonly Interceptor[];
  /** Where expressions are evaluated; false where they are not. */
  readonly evaluate: false | "realm" | "process";
  readonly isolation: Isolation;
  readonly permissions: SandboxPermissions;
  readonly policies: Readonly<Record<string, CommandPolicy>>;
  readonly denoPath: string | undefined;
  readonly concurrency: number;
  /** Sandboxes of each kind that are not spare: a function needs none, an expression does. */
  readonly sandboxes: number;
  readonly callsPerSandbox: number;
  /** Expressions at a time, those that wait in a sandbox for the one before them included. */
  readonly expressions: number;
  readonly limits: { readonly [Name in keyof Limits]-?: number };
  readonly replyTopics: ReadonlySet<string>;
  /** Undefined where repeated requests run again. */
  readonly replyCache: ReplyCacheSettings | undefined;
  readonly orderedByKey: boolean;
  readonly sign: SigningKeys | undefined;
  /** Undefined where requests need no signature. */
  readonly verify: VerifyKeys | undefined;
  readonly replyKeys: VerifyKeys | undefined;
  readonly authorize: Authorize | undefined;
  readonly allowPlain: boolean;
  /** Topic that cancellations come on; undefined for none. */
  readonly controlTopic: string | undefined;
  /** Topic for records that can't be read; undefined for none. */
  readonly deadLetterTopic: string | undefined;
  readonly sendStacks: boolean;
  readonly drainTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** {@linkcode ReplyCacheOptions} with every default in its place. */
export type ReplyCacheSettings = { readonly [Name in keyof ReplyCacheOptions]-?: number };

const MODULE_EXAMPLE = 'new URL("./commands.ts", import.meta.url)';

const commandsOption: Check<URL | CommandTable> = (value, name) => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as URL | CommandTable;
  }
  const reason = `it is ${show(value)}, neither a URL nor an object of functions`;
  return refuse(name, reason, `Give ${MODULE_EXAMPLE}, or { add: (input) => … }.`);
};

const EXECUTOR_ADVICE = "Give an object with `commands`, `run` and `close`: an Executor.";
const executorMethods = withMethods<Executor>({ run: true, close: true }, EXECUTOR_ADVICE);
const executorOption: Check<Executor> = (value, name) => {
  const executor = executorMethods(value, name);
  const { commands } = executor;
  const named = Array.isArray(commands) && commands.every((one) => typeof one === "string" && one);
  if (named && commands.length > 0) return executor;
  return refuse(`${name}.commands`, "it is no list of names", EXECUTOR_ADVICE);
};

const LIMITS: Schema<Limits> = {
  timeoutMs: wholeNumber(),
  memoryMb: wholeNumber({ from: 32, to: 65_536 }),
  queue: wholeNumber({ to: 1_000_000 }),
  queueMs: wholeNumber(),
  loadMs: wholeNumber(),
  callsBeforeReplacement: wholeNumber({ orInfinity: true }),
  requestBytes: wholeNumber(),
  resultBytes: wholeNumber(),
};

const REPLY_CACHE: Schema<ReplyCacheOptions> = {
  windowMs: wholeNumber(),
  // It reserves room for all of them.
  maxEntries: wholeNumber({ to: 1_000_000 }),
  maxBytes: wholeNumber(),
};

const EVALUATE: Schema<EvaluateOptions> = { isolation: oneOf(["realm", "process"]) };

const SERVE: Schema<ServeOptions> = {
  ...CONNECTION,
  topic: topicName,
  resultsTopic: topicName,
  group: text,
  commands: commandsOption,
  codecs: codecModules,
  executor: executorOption,
  interceptors: interceptorsOption,
  evaluate: flagOr(shape(EVALUATE, { example: 'true, false or { isolation: "process" }' })),
  isolation: oneOf(["process", "worker", "none"]),
  permissions: sandboxPermissions,
  denoPath: text,
  policies: policiesOption,
  concurrency: wholeNumber({ to: 10_000 }),
  callsPerSandbox: wholeNumber({ to: 10_000 }),
  limits: shape(LIMITS, {
    example: "{ timeoutMs: 30_000 }",
    formerly: new Map([["commandsPerWorker", "callsBeforeReplacement"]]),
  }),
  replyTopics: listOf(topicName, '["results"]'),
  replyCache: flagOr(shape(REPLY_CACHE, { example: "true, false or { windowMs: 300_000 }" })),
  orderedByKey: flag,
  sign: signOption,
  verify: verifyOption,
  replyKeys: verifyOption,
  authorize: callable("Give a function: (principal, { command }) => true."),
  allowPlain: flag,
  cancellation: flag,
  deadLetters: flag,
  sendStacks: flag,
  drainTimeoutMs: wholeNumber(),
  signal,
};

const serveOptions = shape(SERVE, {
  owner: "serve()",
  formerly: new Map([["replay", "replyCache"], ["control", "cancellation"]]),
  example: `{ commands: ${MODULE_EXAMPLE} }`,
});

/** Throws `invalid_argument` that names the option. */
export function serverSettings(given: ServeOptions): ServerSettings {
  const options = serveOptions(given, "");
  const { commands, evaluate = false, limits = {}, replyCache = true } = options;
  const { topic, resultsTopic, group, controlTopic, deadLetterTopic } = serviceNames(options);
  const inProcess = options.executor !== undefined ||
    commands !== undefined && !(commands instanceof URL);
  const cores = Math.max(2, navigator.hardwareConcurrency);
  const { callsPerSandbox = 64 } = options;
  const { concurrency = inProcess ? 100 : Math.min(cores * callsPerSandbox, 10_000) } = options;
  const busy = Math.min(cores, concurrency);
  const sandboxes = inProcess ? busy : Math.max(busy, Math.ceil(concurrency / callsPerSandbox));
  const evaluated = evaluateSetting(evaluate);
  const settings = {
    connection: { ...options, logger: safeLogger(options.logger ?? stderrLogger()) },
    topic,
    resultsTopic,
    group,
    commands,
    codecs: options.codecs ?? [],
    executor: options.executor,
    interceptors: options.interceptors ?? [],
    evaluate: evaluated,
    isolation: isolationOf(options),
    permissions: options.permissions ?? {},
    policies: options.policies ?? {},
    denoPath: options.denoPath,
    sandboxes,
    concurrency,
    callsPerSandbox,
    expressions: evaluated === "realm"
      ? Math.min(sandboxes * callsPerSandbox, inProcess ? Infinity : concurrency)
      : sandboxes,
    limits: limitSettings(limits),
    replyTopics: new Set(options.replyTopics ?? [resultsTopic]),
    replyCache: replyCacheSettings(replyCache),
    orderedByKey: options.orderedByKey ?? false,
    sign: options.sign,
    verify: options.verify,
    replyKeys: options.replyKeys,
    authorize: options.authorize,
    allowPlain: options.allowPlain ?? false,
    controlTopic: options.cancellation === false ? undefined : controlTopic,
    deadLetterTopic: options.deadLetters ? deadLetterTopic : undefined,
    sendStacks: options.sendStacks ?? false,
    drainTimeoutMs: options.drainTimeoutMs ?? 10_000,
    signal: options.signal,
  };
  checkTopics(settings);
  checkSigning(settings);
  return settings;
}

function evaluateSetting(given: boolean | EvaluateOptions): ServerSettings["evaluate"] {
  if (given === false) return false;
  return given === true ? "realm" : given.isolation ?? "realm";
}

function checkTopics(settings: ServerSettings): void {
  const { topic, resultsTopic, replyTopics, controlTopic, deadLetterTopic } = settings;
  for (const replyTopic of new Set([resultsTopic, ...replyTopics])) {
    checkDistinct([
      ["`topic`", topic],
      [replyTopic === resultsTopic ? "`resultsTopic`" : "one of `replyTopics`", replyTopic],
      ["the topic of `cancellation`", controlTopic],
      ["the topic of `deadLetters`", deadLetterTopic],
    ]);
  }
}

/** Where the commands run; refuses what does not go together. */
function isolationOf(options: ServeOptions): Isolation {
  const { commands, executor, evaluate, isolation, permissions } = options;
  if (executor !== undefined && (commands ?? isolation) !== undefined) {
    const other = commands === undefined ? "isolation" : "commands";
    throw refused(`\`executor\` and \`${other}\` exclude each other. Give one of them`);
  }
  if (commands === undefined && executor === undefined && !evaluate) {
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
    timeoutMs: limits.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    memoryMb: limits.memoryMb ?? 256,
    loadMs: limits.loadMs ?? DEFAULT_LOAD_MS,
    callsBeforeReplacement: limits.callsBeforeReplacement ?? Infinity,
    queue: limits.queue ?? 1_000,
    queueMs: limits.queueMs ?? 30_000,
    requestBytes: limits.requestBytes ?? DEFAULT_VALUE_BYTES,
    resultBytes: limits.resultBytes ?? DEFAULT_VALUE_BYTES,
  };
}

function replyCacheSettings(
  cache: boolean | ReplyCacheOptions,
): ReplyCacheSettings | undefined {
  if (cache === false) return undefined;
  const given = cache === true ? {} : cache;
  const { windowMs = DEFAULT_REPLY_WINDOW_MS, maxEntries = 10_000, maxBytes = 16_777_216 } = given;
  return { windowMs, maxEntries, maxBytes };
}

function refused(reason: string): RpcError {
  return new RpcError("invalid_argument", `Cannot serve: ${reason}.`);
}
