/**
 * Options of a server, checked.
 *
 * @module
 */
import type { CommandTable } from "../executor/in_process.ts";
import { MAX_TIMER_MS } from "../transport/bounded.ts";
import { checkTopic, checkWhole } from "../transport/check.ts";
import type { ConnectionOptions } from "../transport/connection_options.ts";
import { RpcError } from "../wire/errors.ts";

/** Bounds of what one command may take. */
export interface Limits {
  /** Milliseconds a command may run, 1 to 2 147 483 647; the caller's deadline may be nearer. Default: 30 000. */
  readonly timeoutMs?: number | undefined;
  /** Most bytes of a request's value. Default: 1 000 000. */
  readonly requestBytes?: number | undefined;
  /** Most bytes of an encoded result. Default: 1 000 000. */
  readonly resultBytes?: number | undefined;
}

/** Where commands run: `worker` in Web Workers of this process, `none` in its main thread. */
export type Isolation = "worker" | "none";

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
  /** Where commands run. Default: `worker` for a module, `none` for an object of functions. */
  readonly isolation?: Isolation | undefined;
  /** Commands that run at a time, 1 to 10 000. Default: the number of cores, at least 2; 100 for an object. */
  readonly concurrency?: number | undefined;
  /** Bounds of what one command may take. */
  readonly limits?: Limits | undefined;
  /** The only topics that a request may name for its reply. Default: `resultsTopic`. */
  readonly replyTopics?: readonly string[] | undefined;
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
  /** Commands that run at a time. */
  readonly concurrency: number;
  /** Bounds of one command. */
  readonly limits: { readonly [Name in keyof Limits]-?: number };
  /** Topics that a request may name for its reply. */
  readonly replyTopics: ReadonlySet<string>;
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
  const resultsTopic = checkTopic(
    "resultsTopic",
    options.resultsTopic ?? `${topic}_results`,
  );
  const { commands, evaluate = false, isolation, limits = {} } = options;
  if (commands === undefined && !evaluate) {
    throw refused(
      "there is nothing to serve. Give `commands`, `evaluate: true`, or both",
    );
  }
  const module = commands instanceof URL;
  if (
    commands !== undefined &&
    (typeof commands !== "object" || commands === null)
  ) {
    throw refused(
      '`commands` is neither a URL nor an object. Give new URL("./commands.ts", import.meta.url)',
    );
  }
  if (module && isolation === "none") {
    throw refused(
      '`isolation: "none"` is for an object of functions. Import the module and give that object',
    );
  }
  if (
    !module && commands !== undefined && isolation !== undefined &&
    isolation !== "none"
  ) {
    throw refused(
      `an object of functions cannot run with \`isolation: "${isolation}"\`. Give a module URL`,
    );
  }
  const cores = Math.max(2, navigator.hardwareConcurrency);
  return {
    topic,
    resultsTopic,
    group: options.group ?? `${topic}-servers`,
    commands,
    evaluate,
    concurrency: checkWhole(
      "concurrency",
      options.concurrency ?? (module || commands === undefined ? cores : 100),
      10_000,
    ),
    limits: {
      timeoutMs: checkWhole("limits.timeoutMs", limits.timeoutMs ?? 30_000),
      requestBytes: checkWhole(
        "limits.requestBytes",
        limits.requestBytes ?? 1_000_000,
      ),
      resultBytes: checkWhole(
        "limits.resultBytes",
        limits.resultBytes ?? 1_000_000,
      ),
    },
    replyTopics: new Set(
      (options.replyTopics ?? [resultsTopic]).map((name) => checkTopic("replyTopics", name)),
    ),
    sendStacks: options.sendStacks ?? false,
    drainTimeoutMs: checkWhole(
      "drainTimeoutMs",
      options.drainTimeoutMs ?? 10_000,
      MAX_TIMER_MS,
    ),
  };
}

function refused(reason: string): RpcError {
  return new RpcError("invalid_argument", `Cannot serve: ${reason}.`);
}
