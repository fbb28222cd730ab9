// Options of a server.
import type { CommandPolicy } from "../contract/policy.ts";
import type { Executor } from "../executor/executor.ts";
import type { CommandTable } from "../executor/in_process.ts";
import type { SandboxPermissions } from "../executor/permissions.ts";
import type { Call, Interceptor } from "../pipeline/call.ts";
import type { VerifyKeys } from "../signing/keys.ts";
import type { SigningKeys } from "../signing/signer.ts";
import type { ConnectionOptions } from "../transport/connection_options.ts";

/** Bounds of what one command may take. */
export interface Limits {
  /** Milliseconds a command may run, 1 to 2 147 483 647; the caller's deadline may be nearer. Default: 30 000. */
  readonly timeoutMs?: number | undefined;
  /**
   * With isolation `process`: most mebibytes that the calls of one sandbox may take beyond a bare
   * child process, heap, buffers and WASM together, 32 to 65 536. Default: 256.
   */
  readonly memoryMb?: number | undefined;
  /** Most requests that a server takes before it can start them, 1 to 1 000 000. Default: 1 000. */
  readonly queue?: number | undefined;
  /** Milliseconds that a request may wait for its start at a server, 1 to 2 147 483 647. Default: 30 000. */
  readonly queueMs?: number | undefined;
  /** Milliseconds that a sandbox may take to load its commands, 1 to 2 147 483 647. Default: 30 000. */
  readonly loadMs?: number | undefined;
  /**
   * Calls of a module after which its sandbox is replaced, 1 to 2 147 483 647, or Infinity for never.
   * Default: Infinity.
   */
  readonly callsBeforeReplacement?: number | undefined;
  /** Most bytes of an encoded input and its metadata, 1 to 2 147 483 647. Default: 1 000 000. */
  readonly requestBytes?: number | undefined;
  /** Most bytes of an encoded result, 1 to 2 147 483 647. Default: 1 000 000. */
  readonly resultBytes?: number | undefined;
}

/** How many of its replies a server keeps. */
export interface ReplyCacheOptions {
  /** Milliseconds that a reply is kept, 1 to 2 147 483 647; longer than any deadline. Default: 300 000. */
  readonly windowMs?: number | undefined;
  /** Most replies that are kept, 1 to 1 000 000. Default: 10 000. */
  readonly maxEntries?: number | undefined;
  /** Most bytes of results that are kept, 1 to 2 147 483 647. Default: 16 777 216. */
  readonly maxBytes?: number | undefined;
}

/** What {@linkcode Authorize} knows of a call. */
export type AuthorizedCall = Pick<Call, "id" | "command" | "metadata">;

/**
 * Says whether a principal may call a command. Anything but `true` is a no; what it throws makes the
 * call fail with `internal`, its text in the log of the server alone.
 */
export type Authorize = (principal: string, call: AuthorizedCall) => boolean | Promise<boolean>;

/** How expressions are evaluated. */
export interface EvaluateOptions {
  /**
   * `realm`: an expression that uses nothing but the language is evaluated in a fresh realm inside
   * a child process that others used before; any other one in a child of its own. `process`: each
   * in a child of its own, which starts for it, for callers that must be kept from each other by the
   * operating system. Default: `realm`.
   */
  readonly isolation?: "realm" | "process" | undefined;
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
   * object of functions, which run in this process. Neither a class nor `default` is a command.
   */
  readonly commands?: URL | CommandTable | undefined;
  /**
   * Modules whose default export is a {@linkcode Codec}, for inputs of other content types than
   * JSON, text and bytes: a request is answered in the content type of its input. They are imported
   * where the commands run. Default: none.
   */
  readonly codecs?: readonly URL[] | undefined;
  /**
   * Runs the commands in place of `commands` and `isolation`. The server closes it.
   *
   * @example An executor that doubles
   * ```ts
   * import { serve } from "@kafka-rpc/deno";
   * import type { Executor } from "@kafka-rpc/deno/executor";
   *
   * const executor: Executor = {
   *   commands: ["double"],
   *   run({ input }) {
   *     const text = String(2 * JSON.parse(new TextDecoder().decode(input.bytes)));
   *     const output = { bytes: new TextEncoder().encode(text), contentType: "application/json" };
   *     return Promise.resolve({ ok: true, output });
   *   },
   *   close: () => Promise.resolve(),
   *   [Symbol.asyncDispose]: () => Promise.resolve(),
   * };
   * export const main = () => serve({ executor });
   * ```
   */
  readonly executor?: Executor | undefined;
  /**
   * How commands are to be run, by name: what is said here counts before what their contracts say.
   * Neither can go beyond `limits` and `concurrency`. Default: by their contracts.
   */
  readonly policies?: Readonly<Record<string, CommandPolicy>> | undefined;
  /**
   * What each call passes before its command runs; the first is the outermost. Each runs once a
   * call, and not for a request that is answered from the reply cache or joins one in flight. It may
   * change the metadata that the command sees, and answer by itself. What it throws is the failure
   * of the call: an RpcError as it is, any other error as `internal`, with its text in the log of the
   * server alone. One that never settles is ended by the deadline. Default: none.
   *
   * @example Refusing by metadata
   * ```ts
   * import { type Interceptor, RpcError, serve } from "@kafka-rpc/deno";
   *
   * const requireTenant: Interceptor = (next) => async (call) => {
   *   if (call.metadata["tenant"] !== undefined) return await next(call);
   *   throw new RpcError("permission_denied", "Cannot run: no tenant. Send the metadata `tenant`.");
   * };
   * const commands = { ping: () => "pong" };
   * export const main = () => serve({ commands, interceptors: [requireTenant] });
   * ```
   */
  readonly interceptors?: readonly Interceptor[] | undefined;
  /**
   * Whether expressions are evaluated: the command `eval` and the plain protocol. True: with the
   * defaults of {@linkcode EvaluateOptions}. Default: false.
   */
  readonly evaluate?: boolean | EvaluateOptions | undefined;
  /**
   * Where the commands run. Default: `process` for a module, `none` for an object of functions.
   * Expressions always run in child processes.
   */
  readonly isolation?: Isolation | undefined;
  /** What the commands of a module may do with isolation `process`. Default: nothing. */
  readonly permissions?: SandboxPermissions | undefined;
  /** Path of the Deno executable for child processes. Default: the one that runs this program. */
  readonly denoPath?: string | undefined;
  /**
   * Commands that run at a time, 1 to 10 000. Default: the number of cores, at least 2, times
   * `callsPerSandbox`; 100 for an object or an executor.
   */
  readonly concurrency?: number | undefined;
  /**
   * Most calls that one sandbox has in flight, 1 to 10 000: while its commands wait, for a database
   * for example, it takes further ones; while one computes, it takes none. 1 for commands that must
   * not share a sandbox at the same time. Default: 64.
   */
  readonly callsPerSandbox?: number | undefined;
  /** Bounds of what one command may take. */
  readonly limits?: Limits | undefined;
  /** The only topics that a request may name for its reply. Default: `resultsTopic`. */
  readonly replyTopics?: readonly string[] | undefined;
  /**
   * How many of its replies a server keeps, so that a request that comes again is answered without
   * running again. False: none. Default: the defaults of {@linkcode ReplyCacheOptions}.
   */
  readonly replyCache?: boolean | ReplyCacheOptions | undefined;
  /**
   * Whether requests with one `partitionKey` run one after the other, in the order of their
   * partition, each when the reply to the one before it is acknowledged. Requests of other keys, and
   * without one, are not held up while fewer than `limits.queue` wait. Default: false.
   */
  readonly orderedByKey?: boolean | undefined;
  /** Signs every reply with this key; a function is asked for each of them. Default: none. */
  readonly sign?: SigningKeys | undefined;
  /**
   * Takes requests and control records only with a signature by one of these keys, by key id; others
   * get `unauthenticated`. Who signed is `context.principal`. Needs the reply cache: a copy of a
   * request is answered from it, and its `windowMs` is how far a deadline may lie ahead. Default:
   * every program that may write to the topic may call.
   *
   * @example Two principals, one of which may do everything
   * ```ts
   * import { serve, type VerifyKeys } from "@kafka-rpc/deno";
   *
   * export async function main(verify: VerifyKeys): Promise<void> {
   *   await using server = await serve({
   *     commands: new URL("./commands.ts", import.meta.url),
   *     verify,
   *     authorize: (principal, { command }) => principal === "admin" || command === "report",
   *   });
   *   await server.finished;
   * }
   * ```
   */
  readonly verify?: VerifyKeys | undefined;
  /**
   * Keys of servers whose replies fill the reply cache at a start, by key id: those of other servers,
   * and the one before the last rotation. Default: the key of `sign`.
   */
  readonly replyKeys?: VerifyKeys | undefined;
  /** Whether a principal may call a command; needs `verify`. Default: every principal, all of them. */
  readonly authorize?: Authorize | undefined;
  /**
   * With `verify`: whether records without any headers are evaluated all the same, unsigned, for
   * everybody who may write to the topic. Default: false.
   */
  readonly allowPlain?: boolean | undefined;
  /** Whether callers may cancel, and call every server, over the topic `<topic>_control`. Default: true. */
  readonly cancellation?: boolean | undefined;
  /** Whether records that can't be read, and one-way calls that failed, are put on the topic `<topic>-dlt`. Default: false. */
  readonly deadLetters?: boolean | undefined;
  /** Whether the stack of a failed command is sent to its caller. Default: false. */
  readonly sendStacks?: boolean | undefined;
  /** Milliseconds that a close waits for running commands, 1 to 2 147 483 647. Default: 10 000. */
  readonly drainTimeoutMs?: number | undefined;
  /**
   * Closes the server when it aborts. Without it, SIGINT and SIGTERM close the
   * server, and a second one ends the process at once.
   */
  readonly signal?: AbortSignal | undefined;
}
