// The side that calls.
import type { Contract } from "../contract/contract.ts";
import type { CommandsOfContract } from "../contract/types.ts";
import { atCallSite, CallSite } from "../wire/call_site.ts";
import type { ServerDetail } from "../wire/discovery.ts";
import type { BreakerState } from "./policies/breaker.ts";
import type { AttachedCall } from "./attached_call.ts";
import type { CallOptions } from "./call_options.ts";
import { clientSettings, type ConnectOptions } from "./options.ts";
import type { CallManyOptions, Gathering } from "./gathering.ts";
import type { CallHandle } from "./handles.ts";
import type { DiscoveredServers } from "./found_servers.ts";
import type { ServersOptions } from "./servers.ts";
import type { SendOptions, SubmitOptions } from "./send_options.ts";
import type { StreamOptions } from "./streams/stream_options.ts";
import type { ReplyStream } from "./streams/value_stream.ts";
import type {
  AnyCommands,
  CallableOf,
  CallArguments,
  InputOf,
  ResultOf,
  ReturnOf,
  UnaryInputOf,
  ValueOf,
} from "./types.ts";
import { type ClientParts, openClient } from "./client_parts.ts";

/** Whether replies can come just now. */
export type ClientState = "connected" | "reconnecting" | "closed";

/** What a client has counted since it connected. */
export interface ClientCounts {
  /** Calls that were begun. */
  readonly calls: number;
  /** Calls that wait, and streams that are open, just now. */
  readonly pending: number;
  /** Replies given to a call. */
  readonly replies: number;
  /** Replies that nobody waits for: late, duplicate, or another client's of the same partition. */
  readonly unmatched: number;
  /** Records of the results topic that are no reply. */
  readonly malformed: number;
  /** Replies to a call of this client that are not signed as `verify` wants it; they were refused. */
  readonly unauthenticated: number;
}

/**
 * Calls commands. {@linkcode connect} makes one; close it, or let `await using`
 * do so. It dispatches an event `statechange` whenever its `state` changes.
 *
 * @typeParam Module Type of the commands module, for typed calls.
 */
export class Client<Module = AnyCommands> extends EventTarget implements AsyncDisposable {
  readonly #parts: ClientParts;
  readonly #unlisten: () => void;
  #closed: Promise<void> | undefined;

  private constructor(parts: ClientParts, signal: AbortSignal | undefined) {
    super();
    this.#parts = parts;
    const abort = () => void this.close();
    const change = () => this.dispatchEvent(new Event("statechange"));
    signal?.addEventListener("abort", abort, { once: true });
    parts.connection.addEventListener("change", change);
    this.#unlisten = () => {
      signal?.removeEventListener("abort", abort);
      parts.connection.removeEventListener("change", change);
    };
    // In the last moments of the connecting nobody else looks at it.
    if (signal?.aborted) abort();
  }

  /** Connects; see {@linkcode connect}. */
  private static async connect<Module = AnyCommands>(
    options: ConnectOptions<Contract>,
  ): Promise<Client<Module>> {
    const settings = clientSettings(options);
    return new Client<Module>(await openClient(settings), settings.signal);
  }

  /** Whether replies can come just now. Calls may be made in any state but `closed`. */
  get state(): ClientState {
    if (this.#closed !== undefined) return "closed";
    return this.#parts.connection.connected ? "connected" : "reconnecting";
  }

  /** What was counted so far. */
  get counts(): ClientCounts {
    const { results, caller, pending, streams, signing } = this.#parts;
    const { unauthenticated = 0 } = signing ?? {};
    const waiting = pending.size + streams.size;
    return { ...results.counts, unauthenticated, calls: caller.calls, pending: waiting };
  }

  /**
   * Tells the state of a command's circuit breaker.
   *
   * @param command Name of the command.
   * @returns `closed` also where there are no breakers.
   */
  breakerState(command: string): BreakerState {
    return this.#parts.caller.breakerState(command);
  }

  /**
   * Calls a command and waits for its result.
   *
   * @param command Name of the command.
   * @param rest The input, and the options of this call.
   * @returns The result, as it is after JSON: a Date is text, bytes as the whole value stay bytes.
   * @throws {RpcError} With the code that the command chose or that tells what went wrong; `stage`
   * tells how far the call got. Where `signal` aborted: its reason.
   */
  call<Name extends keyof CallableOf<Module> & string>(
    command: Name,
    ...rest: CallArguments<UnaryInputOf<CallableOf<Module>[Name]>, CallOptions>
  ): Promise<ResultOf<CallableOf<Module>[Name]>> {
    const [input, options] = rest;
    const site = new CallSite(this.call, { isNoted: !this.#parts.pending.isCrowded });
    const result = this.#parts.caller.call({ command, input, site }, options);
    return result as Promise<ResultOf<CallableOf<Module>[Name]>>;
  }

  /**
   * Sends a one-way call: no reply is made, and its failure is for the log and the dead letters of the
   * servers. It runs at least once: more than once where a server ends before it has committed it.
   *
   * @param command Name of the command.
   * @param rest The input, and the options of this call.
   * @returns Resolves when the cluster has the request. Whether a server listens makes no difference.
   * @throws {RpcError} At the stage `request` or `send`. Where `signal` aborted: its reason.
   */
  send<Name extends keyof CallableOf<Module> & string>(
    command: Name,
    ...rest: CallArguments<InputOf<CallableOf<Module>[Name]>, SendOptions>
  ): Promise<void> {
    const [input, options] = rest;
    return this.#parts.caller.unawaited.send(
      { command, input, site: new CallSite(this.send) },
      options,
    );
  }

  /**
   * Sends a call whose result may be fetched later, by this program or another one.
   *
   * @param command Name of the command.
   * @param rest The input, and the options of this call.
   * @returns A handle, plain JSON, when the cluster has the request: give it to `attach`.
   * @throws {RpcError} At the stage `request` or `send`. Where `signal` aborted: its reason.
   */
  submit<Name extends keyof CallableOf<Module> & string>(
    command: Name,
    ...rest: CallArguments<UnaryInputOf<CallableOf<Module>[Name]>, SubmitOptions>
  ): Promise<CallHandle<Name>> {
    const [input, options] = rest;
    const asked = { command, input, site: new CallSite(this.submit) };
    return this.#parts.caller.unawaited.submit(asked, options) as Promise<CallHandle<Name>>;
  }

  /**
   * Calls a command at every server of the group.
   *
   * @param command Name of the command.
   * @param rest The input, and the options of this call.
   * @returns The replies as they come, each with the id of its server; the call is made when the loop
   * begins. It ends when all members of the group have answered, at `timeoutMs`, after `count` replies,
   * or after `stallMs` without one; leaving the loop cancels the rest. `missing` says who has not
   * answered.
   * @throws {RpcError} From the loop: `unavailable` where no server listens; what the sending failed
   * with. Where `signal` aborted: its reason.
   */
  callMany<Name extends keyof CallableOf<Module> & string>(
    command: Name,
    ...rest: CallArguments<UnaryInputOf<CallableOf<Module>[Name]>, CallManyOptions>
  ): Gathering<ResultOf<CallableOf<Module>[Name]>> {
    const [input, options] = rest;
    const asked = { command, input, site: new CallSite(this.callMany) };
    const gathering = this.#parts.caller.unawaited.callMany(asked, options);
    return gathering as Gathering<ResultOf<CallableOf<Module>[Name]>>;
  }

  /**
   * Attaches to a submitted call.
   *
   * @param handle What `submit` gave, perhaps in an earlier run of the program.
   * @returns The call: ask it for its `result()` or `state()`.
   * @throws {RpcError} `invalid_argument` for what is no handle, `failed_precondition` for one of
   * another cluster, topic or version.
   */
  attach<Name extends keyof CallableOf<Module> & string>(
    handle: CallHandle<Name>,
  ): AttachedCall<ResultOf<CallableOf<Module>[Name]>> {
    return this.#parts.caller.unawaited.attach(handle) as AttachedCall<
      ResultOf<CallableOf<Module>[Name]>
    >;
  }

  /**
   * Calls a command that is a generator, and gives its values one by one:
   * `for await (const line of client.stream("tail", { file }))`. Nothing is sent before the first
   * value is asked for. The command is never further ahead than the window of `options`; it is
   * canceled when the loop is left, at a deadline, and when `signal` aborts or the client closes.
   *
   * @param command Name of the command. One that is no generator gives its result as the one value.
   * @param rest The input, and the options of this stream.
   * @returns The values, as they are after JSON, for one loop.
   * @throws {RpcError} In the loop, after the values that came before it. `aborted` where the server
   * was lost after the first value: `details.delivered` says how many there were.
   */
  stream<Name extends keyof CallableOf<Module> & string>(
    command: Name,
    ...rest: CallArguments<InputOf<CallableOf<Module>[Name]>, StreamOptions>
  ): ReplyStream<ValueOf<CallableOf<Module>[Name]>, ReturnOf<CallableOf<Module>[Name]>> {
    const [input, options] = rest;
    const site = new CallSite(this.stream);
    const stream: unknown = this.#parts.caller.stream({ command, input, site }, options);
    return stream as ReturnType<typeof this.stream<Name>>;
  }

  /**
   * Asks the servers which ones they are, what they offer, or what they have counted.
   *
   * @param options What they are asked, and how long their answers are awaited.
   * @returns Those that answered by the time that all members of the group had, at `timeoutMs` at the
   * latest. No server at all is an empty list, after `timeoutMs`.
   * @throws {RpcError} `unavailable` where no broker answers; what the servers refuse the question
   * with where all that answer do, such as `unauthenticated`. Where `signal` aborted: its reason.
   */
  servers<const Detail extends ServerDetail = "info">(
    options?: ServersOptions<Detail>,
  ): Promise<DiscoveredServers<Detail>> {
    return this.#parts.search.find(options, new CallSite(this.servers));
  }

  /** Closes the client; calls that wait reject with `canceled`. It may be called again. */
  close(): Promise<void> {
    if (this.#closed === undefined) {
      this.#closed = this.#close();
      this.dispatchEvent(new Event("statechange"));
    }
    return this.#closed;
  }

  /** The same as {@linkcode Client.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { results, transport, retries, signing, caller, search, foreign } = this.#parts;
    this.#unlisten();
    search.close();
    caller.close();
    await results.close();
    foreign.close();
    signing?.[Symbol.dispose]();
    retries.close();
    await transport.close();
  }
}

/**
 * Connects a client.
 *
 * It resolves only when the results stream has its start offset, so that no
 * reply can be missed. An open client does not keep the process alive; a call
 * that waits does.
 *
 * @typeParam Module Type of the commands module, for typed calls.
 * @typeParam Commands Type of the option `contract`, which takes the place of `Module`.
 * @param options How to reach the cluster, and the topics.
 * @returns A connected client.
 * @throws {RpcError} `unavailable` when no broker answers within `connectTimeoutMs`,
 * `failed_precondition` when a topic is missing and `createTopics` is off,
 * `invalid_argument` for an option that can't be right.
 *
 * @example
 * ```ts
 * import { connect } from "@kafka-rpc/deno";
 *
 * export async function sum(): Promise<unknown> {
 *   await using client = await connect({ brokers: ["127.0.0.1:9092"], timeoutMs: 5_000 });
 *   return await client.call("add", { a: 1, b: 2 });
 * }
 * ```
 */
export function connect<Module = AnyCommands, const Commands extends Contract = never>(
  options: ConnectOptions<Commands> = {},
): Promise<Client<[Commands] extends [never] ? Module : CommandsOfContract<Commands>>> {
  type Known = [Commands] extends [never] ? Module : CommandsOfContract<Commands>;
  const start = () => Client["connect"]<Known>(options); // Private: there is one way to make one.
  return atCallSite(connect, start, (error) => error !== options?.signal?.reason);
}
