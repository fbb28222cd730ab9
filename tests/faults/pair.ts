/**
 * A server and a client in this process, for rows whose options cannot travel to another one, or
 * whose faults are told apart by what both have logged.
 *
 * @module
 */
import { libraryUnderTest } from "../library_under_test.ts";
import {
  type Client,
  type CommandContext,
  connect,
  type ConnectOptions,
  serve,
  type ServeOptions,
  type Server,
} from "@kafka-rpc/deno";
import { RecordingLogger } from "../recording_logger.ts";

/** What a pair is to be. */
export interface PairOptions {
  /** Bootstrap brokers of both. */
  readonly brokers: readonly string[];
  /** Topic of the commands. Default: one of its own. */
  readonly topic?: string;
  /** Options of the server besides. */
  readonly serve?: ServeOptions;
  /** Options of the client besides. */
  readonly connect?: ConnectOptions;
}

/** What tests put on a topic stands beside what the two sides put there. */
const ONE_PARTITION = { partitions: 1 };

/** A topic that nothing else uses. */
export function newTopic(): string {
  return `faults-${crypto.randomUUID().slice(0, 8)}`;
}

/** Both ends, and what they did. */
export class Pair implements AsyncDisposable {
  /** How often each id was run. */
  readonly runs: Map<string, number> = new Map<string, number>();
  /** Lines of the server. */
  readonly serverLog: RecordingLogger = new RecordingLogger();
  /** Lines of the client. */
  readonly clientLog: RecordingLogger = new RecordingLogger();
  /** Topic of the commands. */
  readonly topic: string;
  /** Why the server has ended by itself; undefined while it has not. */
  ended: Error | undefined;
  readonly #options: PairOptions;
  #server: Server | undefined;
  #client: Client | undefined;

  private constructor(options: PairOptions) {
    this.#options = options;
    this.topic = options.topic ?? newTopic();
  }

  /** Starts the server, then the client. */
  static async start(options: PairOptions): Promise<Pair> {
    const pair = new Pair(options);
    try {
      await pair.startServer();
      pair.#client = await connect({
        brokers: options.brokers,
        library: libraryUnderTest,
        topic: pair.topic,
        clientId: "client",
        createTopics: ONE_PARTITION,
        logger: pair.clientLog,
        ...options.connect,
      });
      return pair;
    } catch (error) {
      await pair[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The server. */
  get server(): Server {
    return this.#server!;
  }

  /** The client. */
  get client(): Client {
    return this.#client!;
  }

  /** How many ids were run more than once. */
  get double(): number {
    return [...this.runs.values()].filter((count) => count > 1).length;
  }

  /** Ends the server and starts another one on the same topic. */
  async restartServer(): Promise<void> {
    await this.#server?.close();
    await this.startServer();
  }

  /** Starts the server. */
  async startServer(): Promise<void> {
    const echo = (input: unknown, { id }: CommandContext) => {
      this.runs.set(id, (this.runs.get(id) ?? 0) + 1);
      return input;
    };
    const zeros = (count: unknown) => new Uint8Array(Number(count));
    this.#server = await serve({
      brokers: this.#options.brokers,
      library: libraryUnderTest,
      topic: this.topic,
      clientId: "server",
      createTopics: ONE_PARTITION,
      commands: { echo, zeros },
      logger: this.serverLog,
      ...this.#options.serve,
    });
    this.#server.finished.catch((error) => this.ended = error);
  }

  /** Calls `echo`, and gives the milliseconds until the answer. */
  async echo(timeoutMs = 10_000): Promise<number> {
    const input = crypto.randomUUID();
    const began = performance.now();
    const answer = await this.client.call("echo", input, { timeoutMs });
    if (answer !== input) throw new Error(`Wrong answer to ${input}: ${answer}.`);
    return performance.now() - began;
  }

  /** Calls `echo` until it is answered; milliseconds from now until then. */
  async answered(withinMs: number): Promise<number> {
    const began = performance.now();
    while (true) {
      try {
        await this.echo(2_000);
        return performance.now() - began;
      } catch (error) {
        if (performance.now() - began > withinMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  /** Ends both. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.close();
    await this.#server?.close();
  }
}
