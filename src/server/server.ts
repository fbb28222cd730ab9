// The side that answers.
import { clock, MAX_TIMER_MS, type Timer } from "../async/clock.ts";
import type { Executor } from "../executor/executor.ts";
import type { Logger } from "../logging/logger.ts";
import { DEFAULT_CLIENT_ID, DEFAULT_CONNECT_TIMEOUT_MS } from "../options/defaults.ts";
import { openTransport } from "../transport/open.ts";
import type { Consumption, Transport } from "../transport/transport.ts";
import { atCallSite, type CallSite } from "../wire/call_site.ts";
import { RpcError } from "../wire/errors.ts";
import { checkPolicies } from "./command_policies.ts";
import type { ServerCounts } from "./counts.ts";
import { startExecutors } from "./executors.ts";
import type { ServeOptions } from "./options.ts";
import { type ServerSettings, serverSettings } from "./settings.ts";
import { onShutdownSignal } from "./shutdown_signal.ts";
import { RequestConsumer } from "./request_consumer.ts";
import { openSigning } from "./signing.ts";

/** What a server is made of. */
interface Parts {
  readonly settings: ServerSettings;
  readonly logger: Logger;
  readonly transport: Transport;
  readonly executor: Executor;
  readonly consumer: RequestConsumer;
  readonly consumption: Consumption;
  readonly site: CallSite;
}

/**
 * What a server does just now: `serving` as a member of its group, `joining` it again after the
 * group went on without it, or `closed`, of which closing is a part.
 */
export type ServerState = "serving" | "joining" | "closed";

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
  #alive: Timer;
  #closed: Promise<void> | undefined;

  /** Starts a server; see {@linkcode serve}. */
  private static async start(options: ServeOptions, site: CallSite): Promise<Server> {
    const settings = serverSettings(options);
    const { connection, signal } = settings;
    const { logger, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = connection;
    const { topic, resultsTopic, replyTopics, controlTopic, deadLetterTopic } = settings;
    await using opened = new AsyncDisposableStack();
    const signing = await openSigning(settings);
    const executor = opened.use(await startExecutors(settings, { logger, signal }));
    checkPolicies(settings.policies, executor.commands);
    const transport = opened.use(
      await openTransport(connection, {
        topics: [
          [topic, "commands"],
          ...[resultsTopic, ...replyTopics].map((name) => [name, "results"] as const),
          [controlTopic, "control"],
          [deadLetterTopic, "deadLetters"],
        ],
        rights: {
          Read: [topic, controlTopic, ...settings.replyCache ? [resultsTopic, ...replyTopics] : []],
          Write: [resultsTopic, ...replyTopics, deadLetterTopic],
        },
        background: false,
        signal,
      }),
    );
    const id = `${connection.clientId ?? DEFAULT_CLIENT_ID}-${clock.id().slice(-12)}`;
    const held = { settings, executor, transport, logger };
    const consumer = opened.use(new RequestConsumer({ id, signing, ...held }));
    // The session of a dead member of the group may have to run out first.
    const timeoutMs = Math.max(connectTimeoutMs, 30_000);
    const consumption = await consumer.begin({ signal, timeoutMs });
    const parts = { ...held, consumer, consumption, site };
    const server = new Server(id, parts, signal);
    opened.move(); // from here on, close() disposes of them
    return server;
  }

  private constructor(id: string, parts: Parts, signal: AbortSignal | undefined) {
    this.id = id;
    this.commands = parts.executor.commands;
    this.#parts = parts;
    this.finished = this.#finished.promise;
    // A program that does not await it must not end by it: the error is in the log.
    this.finished.catch((error) => parts.logger.error("the server ended", { error }));
    this.#alive = this.#stayAlive();
    parts.consumer.beginCommits();
    parts.consumption.finished.catch((error) => this.#fail(error));
    this.#unlisten = this.#listen(signal);
    const { topic, resultsTopic, group } = parts.settings;
    const { commands } = this;
    const brokers = parts.transport.address;
    parts.logger.info("serving", { server: id, brokers, topic, resultsTopic, group, commands });
  }

  /** What was counted so far. */
  get counts(): Readonly<ServerCounts> {
    return { ...this.#parts.consumer.counts };
  }

  /** What it does just now. */
  get state(): ServerState {
    if (this.#closed !== undefined) return "closed";
    return this.#parts.consumer.partitions === undefined ? "joining" : "serving";
  }

  /** Partitions of the commands topic that are its own just now: none where others have them all. */
  get partitions(): readonly number[] {
    return this.#closed === undefined ? this.#parts.consumer.partitions ?? [] : [];
  }

  /**
   * Stops taking commands, answers those that run, commits, leaves the group; what waits for its
   * turn goes to another server. Bounded by `drainTimeoutMs`: what runs longer is aborted, and its
   * caller gets `unavailable`. It may be called again.
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
    const { consumer, consumption, executor, transport, logger } = this.#parts;
    this.#alive.cancel();
    try {
      await consumer.drain();
      await consumption.close();
    } finally {
      // Whatever one of them fails with, the others must end.
      const ends = await Promise.allSettled([executor.close(), transport.close()]);
      await consumer.ended();
      consumer[Symbol.dispose]();
      // Until the very end a second signal must end the process at once.
      this.#unlisten();
      const failed = ends.find((end) => end.status === "rejected");
      if (failed !== undefined) logger.error("a part did not close", { error: failed.reason });
    }
    logger.info("closed", { server: this.id, ...this.counts });
  }

  /** Keeps the process alive, whatever becomes of its connections. */
  #stayAlive(): Timer {
    return this.#alive = clock.timer(MAX_TIMER_MS, () => this.#stayAlive());
  }

  #fail(error: unknown): void {
    if (error instanceof RpcError) this.#parts.site.point(error);
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
    // At the end of the start nothing else looks at it; the constructor returns first.
    if (signal.aborted) queueMicrotask(stop);
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
  const start = (site: CallSite) => Server["start"](options, site);
  return atCallSite(serve, start, (error) => error !== options?.signal?.reason);
}
