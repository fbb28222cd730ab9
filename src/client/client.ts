/**
 * The side that calls.
 *
 * @module
 */
import { v7 } from "@std/uuid";
import { checkWhole } from "../transport/check.ts";
import { silentLogger } from "../transport/logger.ts";
import { DEFAULT_CONNECT_TIMEOUT_MS, openTransport } from "../transport/open.ts";
import type { Transport } from "../transport/transport.ts";
import { type Codec, createCodec, type Payload } from "../wire/codec.ts";
import { RpcError } from "../wire/errors.ts";
import { remoteError } from "../wire/failure.ts";
import { writeRequest } from "../wire/request.ts";
import { unreadable, unsent } from "./call_errors.ts";
import { atCallSite } from "./call_site.ts";
import {
  type CallOptions,
  checkCommand,
  checkMetadata,
  type ClientSettings,
  clientSettings,
  type ConnectOptions,
} from "./options.ts";
import { PendingCalls } from "./pending_calls.ts";
import { type Reply, ResultsStream } from "./results_stream.ts";
import type { AnyCommands, CallArguments, CommandsOf, InputOf, ResultOf } from "./types.ts";

/** What a client has counted since it connected. */
export interface ClientCounts {
  /** Calls that were begun. */
  readonly calls: number;
  /** Calls that wait just now. */
  readonly pending: number;
  /** Replies given to a call. */
  readonly replies: number;
  /** Replies that nobody waits for: late, duplicate, or another client's of the same partition. */
  readonly unmatched: number;
  /** Records of the results topic that are no reply. */
  readonly malformed: number;
}

/**
 * Calls commands. {@linkcode connect} makes one; close it, or let `await using`
 * do so.
 *
 * @typeParam Module Type of the commands module, for typed calls.
 */
export class Client<Module = AnyCommands> implements AsyncDisposable {
  readonly #settings: ClientSettings;
  readonly #transport: Transport;
  readonly #pending: PendingCalls<Reply>;
  readonly #results: ResultsStream;
  readonly #codec: Codec = createCodec();
  readonly #unlisten: () => void;
  #calls = 0;
  #closed: Promise<void> | undefined;

  private constructor(
    settings: ClientSettings,
    parts: {
      transport: Transport;
      pending: PendingCalls<Reply>;
      results: ResultsStream;
    },
    signal: AbortSignal | undefined,
  ) {
    this.#settings = settings;
    this.#transport = parts.transport;
    this.#pending = parts.pending;
    this.#results = parts.results;
    const abort = () => void this.close();
    signal?.addEventListener("abort", abort, { once: true });
    this.#unlisten = () => signal?.removeEventListener("abort", abort);
  }

  /** Connects; see {@linkcode connect}. */
  static async connect<Module = AnyCommands>(
    options: ConnectOptions,
  ): Promise<Client<Module>> {
    const settings = clientSettings(options);
    const { signal, connectTimeoutMs: timeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = options;
    const { topic, resultsTopic } = settings;
    const transport = await openTransport(options, {
      topics: [topic, resultsTopic],
      background: true,
      signal,
    });
    const pending = new PendingCalls<Reply>(settings.maxPending);
    try {
      const results = await ResultsStream.open(transport, {
        topic: resultsTopic,
        logger: options.logger ?? silentLogger,
        signal,
        timeoutMs,
        handler: {
          onReply: (reply) => pending.resolve(reply.id, reply),
          onMalformed: (id, reason) => pending.reject(id, unreadable(id, reason)),
        },
      });
      return new Client<Module>(
        settings,
        { transport, pending, results },
        signal,
      );
    } catch (error) {
      await transport.close();
      throw error;
    }
  }

  /** What was counted so far. */
  get counts(): ClientCounts {
    return {
      ...this.#results.counts,
      calls: this.#calls,
      pending: this.#pending.size,
    };
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
  call<Name extends keyof CommandsOf<Module> & string>(
    command: Name,
    ...rest: CallArguments<InputOf<CommandsOf<Module>[Name]>, CallOptions>
  ): Promise<ResultOf<CommandsOf<Module>[Name]>>;
  /**
   * Evaluates an expression on a server that allows it.
   *
   * @param command `eval`.
   * @param expression A JavaScript expression or statements.
   * @param options Options of this call.
   * @returns The value of the last statement, awaited.
   */
  call(
    command: "eval",
    expression: string,
    options?: CallOptions,
  ): Promise<unknown>;
  call(
    command: string,
    input?: unknown,
    options: CallOptions = {},
  ): Promise<unknown> {
    return atCallSite(this.call, () => this.#call(command, input, options));
  }

  /** Closes the client; calls that wait reject with `canceled`. It may be called again. */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  /** The same as {@linkcode Client.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #call(
    command: string,
    input: unknown,
    options: CallOptions,
  ): Promise<unknown> {
    const { signal, metadata = {}, trace } = options;
    if (this.#closed !== undefined) {
      throw new RpcError(
        "failed_precondition",
        `Cannot call "${command}": the client is closed. Connect a new one.`,
        { command, stage: "request" },
      );
    }
    signal?.throwIfAborted();
    const timeoutMs = checkWhole(
      "timeoutMs",
      options.timeoutMs ?? this.#settings.timeoutMs,
    );
    const payload = this.#encode(command, input);
    const id = v7.generate();
    const record = writeRequest(this.#settings.topic, {
      id,
      command: checkCommand(command),
      input: payload,
      replyTopic: this.#results.topic,
      replyPartition: this.#results.partition,
      deadline: Date.now() + timeoutMs,
      attempt: 1,
      metadata: checkMetadata(metadata),
      trace,
    });
    // Registered first: the reply may come before the acknowledgement of the request.
    const reply = this.#pending.register(id, { command, timeoutMs, signal });
    this.#calls++;
    this.#transport.produce(record).catch((error) => {
      this.#pending.reject(id, unsent(error, command, id));
    });
    return this.#result(command, await reply);
  }

  #encode(command: string, input: unknown): Payload {
    let payload: Payload;
    try {
      payload = this.#codec.encode(input);
    } catch (error) {
      throw new RpcError(
        "invalid_argument",
        `Cannot send the input of "${command}": ${(error as Error).message}.`,
        { command, stage: "request", cause: error },
      );
    }
    const size = payload.bytes.byteLength;
    const { requestBytes } = this.#settings;
    if (size <= requestBytes) return payload;
    throw new RpcError(
      "resource_exhausted",
      `Cannot send the input of "${command}": it has ${size} bytes, the limit is ${requestBytes}. ` +
        "Send less, or raise `requestBytes` here, `limits.requestBytes` of the server and the " +
        "topic's `max.message.bytes`.",
      { command, stage: "request", details: { size, limit: requestBytes } },
    );
  }

  #result(command: string, { id, outcome }: Reply): unknown {
    if (!outcome.ok) throw remoteError(outcome.failure, { command, id });
    try {
      return this.#codec.decode(outcome.output);
    } catch (error) {
      throw new RpcError(
        "data_loss",
        `Cannot read the result of "${command}": ${(error as Error).message}.`,
        { command, id, stage: "remote", cause: error },
      );
    }
  }

  async #close(): Promise<void> {
    this.#unlisten();
    this.#pending.rejectAll((id, command) =>
      new RpcError(
        "canceled",
        `Cannot wait for "${command}": the client was closed.`,
        {
          command,
          id,
          stage: "wait",
        },
      )
    );
    await this.#results.close();
    await this.#transport.close();
  }
}

/**
 * Connects a client.
 *
 * It resolves only when the results stream has its start offset, so that no
 * reply can be missed. An open client does not keep the process alive; a call
 * that waits does.
 *
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
export function connect<Module = AnyCommands>(
  options: ConnectOptions = {},
): Promise<Client<Module>> {
  return Client.connect<Module>(options);
}
