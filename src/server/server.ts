/**
 * The side that answers.
 *
 * @module
 */
import { v7 } from "@std/uuid";
import type { Executor } from "../executor/executor.ts";
import { bounded } from "../transport/bounded.ts";
import { type Logger, stderrLogger } from "../transport/logger.ts";
import { DEFAULT_CONNECT_TIMEOUT_MS, openTransport } from "../transport/open.ts";
import type { Consumption, Transport } from "../transport/transport.ts";
import { Answers } from "./answers.ts";
import type { ServerCounts } from "./counts.ts";
import { Dispatcher } from "./dispatcher.ts";
import { startExecutors } from "./executors.ts";
import { Offsets } from "./offsets.ts";
import { type ServeOptions, type ServerSettings, serverSettings } from "./options.ts";
import { Replies } from "./replies.ts";
import { onShutdownSignal } from "./shutdown_signal.ts";

/** Milliseconds between commits; after a crash, commands answered since the last one run again. */
const COMMIT_MS = 200;

/** On close, milliseconds for the replies of commands that were aborted. */
const LAST_REPLIES_MS = 2_000;

/** What a server is made of. */
interface Parts {
  readonly settings: ServerSettings;
  readonly logger: Logger;
  readonly transport: Transport;
  readonly executor: Executor;
  readonly answers: Answers;
  readonly dispatcher: Dispatcher;
  readonly offsets: Offsets;
  readonly consumption: Consumption;
  /** Ends the trying to send replies. */
  readonly sending: AbortController;
}

/** A running server; {@linkcode serve} starts one. */
export class Server implements AsyncDisposable {
  /** Id of this server, as replies carry it. */
  readonly id: string;
  /** Names of the commands that it offers. */
  readonly commands: readonly string[];
  /**
   * Resolves after `close()` or a signal; rejects with the error that ended the
   * server against its will.
   */
  readonly finished: Promise<void>;
  readonly #parts: Parts;
  readonly #finished = Promise.withResolvers<void>();
  readonly #unlisten: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #committing: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  /** Starts a server; see {@linkcode serve}. */
  static async start(options: ServeOptions): Promise<Server> {
    const settings = serverSettings(options);
    const logger = options.logger ?? stderrLogger();
    const { signal, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = options;
    const { topic, group, resultsTopic, replyTopics, sendStacks, concurrency } = settings;
    await using opened = new AsyncDisposableStack();
    const executor = opened.use(await startExecutors(settings, logger));
    const transport = opened.use(
      await openTransport({ ...options, logger }, {
        topics: [topic, resultsTopic, ...replyTopics],
        background: false,
        signal,
      }),
    );
    const id = `${options.clientId ?? "kafka-rpc"}-${v7.generate().slice(-12)}`;
    const sending = new AbortController();
    const replies = new Replies({
      transport,
      resultsTopic,
      replyTopics,
      server: id,
      sendStacks,
      logger,
      signal: sending.signal,
    });
    const answers = new Answers({ settings, executor, replies, logger });
    const dispatcher = new Dispatcher({
      concurrency,
      logger,
      answer: (record, ran) => answers.answer(record, ran),
    });
    const offsets = new Offsets();
    const consumption = await transport.consume({
      topic,
      group,
      signal,
      // The session of a dead member of the group may have to run out first.
      timeoutMs: Math.max(connectTimeoutMs, 30_000),
      ready: () => dispatcher.ready(),
      onAssigned: (partitions) => offsets.assign(partitions),
      onRecord: (record) => {
        if (!offsets.take(record.partition, record.offset)) return;
        dispatcher.dispatch(record, () => offsets.finish(record.partition, record.offset));
      },
    });
    opened.move(); // from here on, close() disposes of them
    const parts = { transport, executor, answers, dispatcher, offsets, consumption, sending };
    return new Server(id, { ...parts, settings, logger }, signal);
  }

  private constructor(id: string, parts: Parts, signal: AbortSignal | undefined) {
    this.id = id;
    this.commands = parts.executor.commands;
    this.#parts = parts;
    this.finished = this.#finished.promise;
    // Whoever does not look at it must not be ended by it: the log tells of the error.
    this.finished.catch((error) => parts.logger.error("the server ended", { error }));
    this.#timer = setInterval(() => this.#commit(), COMMIT_MS);
    parts.consumption.finished.catch((error) => this.#fail(error));
    this.#unlisten = this.#listen(signal);
    const { topic, resultsTopic, group } = parts.settings;
    const { commands } = this;
    const brokers = parts.transport.address;
    parts.logger.info("serving", { id, brokers, topic, resultsTopic, group, commands });
  }

  /** What was counted so far. */
  get counts(): Readonly<ServerCounts> {
    return { ...this.#parts.answers.counts };
  }

  /**
   * Stops taking commands, answers those that run, commits, leaves the group.
   * Bounded by `drainTimeoutMs`: what runs longer is aborted, and its caller
   * gets `unavailable`. It may be called again.
   */
  close(): Promise<void> {
    return this.#closed ??= this.#close().then(
      () => this.#finished.resolve(),
      (error) => this.#finished.reject(error),
    );
  }

  /** The same as {@linkcode Server.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { consumption, executor, transport, logger } = this.#parts;
    clearInterval(this.#timer);
    this.#unlisten();
    consumption.pause();
    await this.#drain();
    await this.#commit();
    await consumption.close();
    await executor.close();
    await transport.close();
    logger.info("closed", { id: this.id, ...this.counts });
  }

  async #drain(): Promise<void> {
    const { dispatcher, answers, logger, sending, settings: { drainTimeoutMs } } = this.#parts;
    const overdue = () => new Error(`not idle within ${drainTimeoutMs} ms`);
    try {
      await bounded(dispatcher.idle(), { timeoutMs: drainTimeoutMs }, overdue);
    } catch (error) {
      logger.warn("running commands are aborted", { running: this.counts.running, error });
      answers.stop();
      // Their replies must still get out, unless no broker takes them.
      const timer = setTimeout(() => sending.abort(), LAST_REPLIES_MS);
      await dispatcher.idle();
      clearTimeout(timer);
    }
  }

  /** Commits what is finished; one commit at a time, so that an older one never comes last. */
  #commit(): Promise<void> {
    const { offsets, consumption, logger } = this.#parts;
    this.#committing = this.#committing.then(async () => {
      const committable = offsets.committable();
      if (committable.size === 0) return;
      try {
        await consumption.commit(committable);
        offsets.commit(committable);
      } catch (error) {
        // A rebalance is under way, or no broker answers: the next round commits it.
        logger.debug("offsets are not committed yet", { error });
      }
    });
    return this.#committing;
  }

  #fail(error: unknown): void {
    this.#finished.reject(error);
    void this.close();
  }

  #listen(signal: AbortSignal | undefined): () => void {
    const stop = () => void this.close();
    if (signal === undefined) {
      return onShutdownSignal((name) => {
        const text = "stopping on a signal; a second one ends at once";
        this.#parts.logger.info(text, { signal: name });
        stop();
      });
    }
    signal.addEventListener("abort", stop, { once: true });
    return () => signal.removeEventListener("abort", stop);
  }
}

/**
 * Serves commands.
 *
 * @param options What to serve, and how to reach the cluster.
 * @returns A running server: it has its partitions and takes commands.
 * @throws {RpcError} `unavailable` when no broker answers within `connectTimeoutMs`,
 * `failed_precondition` when the module can't be loaded or a topic is missing,
 * `invalid_argument` for an option that can't be right.
 *
 * @example
 * ```ts
 * import { serve } from "@kafka-rpc/deno";
 *
 * export async function main(): Promise<void> {
 *   const commands = { add: ({ a, b }: { a: number; b: number }) => a + b };
 *   await using server = await serve({ commands, brokers: ["127.0.0.1:9092"] });
 *   await server.finished;
 * }
 * ```
 */
export function serve(options: ServeOptions): Promise<Server> {
  return Server.start(options);
}
