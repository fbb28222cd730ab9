/**
 * A program with clients of others, for tests: it sends records and serves commands.
 *
 * @module
 */
import { LineProcess } from "../../line_process.ts";
import { LineChannel } from "./line_channel.ts";
import { encodeRecords, type SentRecord } from "./records.ts";

/** Where the clients connect. */
export interface ForeignOptions {
  /** Bootstrap brokers. */
  readonly brokers: readonly string[];
  /** Settings of all clients, by the names that they have there. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** What is sent at once. */
export interface Sending {
  /** Topic. */
  readonly topic: string;
  /** Partition; the keys decide without. */
  readonly partition?: number;
  /** Records. Those of one partition become one batch. */
  readonly records: readonly SentRecord[];
  /** How the batch is compressed. Default: `none`. */
  readonly codec?: "none" | "gzip" | "snappy" | "lz4" | "zstd";
  /** Name of an open transaction that the records belong to. */
  readonly transaction?: string;
}

/** How a foreign server reads the commands. */
export interface ForeignServer {
  /** Its name, in events and in the replies. */
  readonly name: string;
  /** Topic of the commands. */
  readonly topic: string;
  /** Classic groups, those of KIP-848, or none: every partition from its end on. */
  readonly protocol: "classic" | "consumer" | "assign";
  /** Group. Default: TOPIC-servers. */
  readonly group?: string;
  /** Whether it commits in any case; one that is in no group does not by itself. */
  readonly commits?: boolean;
  /** How a classic group divides the partitions. Default: the client's own. */
  readonly assignor?: "range" | "roundrobin" | "cooperative-sticky";
}

/** Such a program while it runs. */
export class ForeignProcess implements AsyncDisposable {
  readonly #process: LineProcess;
  readonly #channel: LineChannel;

  /** Starts it: it takes the settings as its last argument, and ends with its input. */
  constructor(command: string, args: readonly string[], options: {
    settings: Readonly<Record<string, string>>;
    env?: Readonly<Record<string, string>>;
  }) {
    this.#process = new LineProcess({
      command,
      args: [...args, JSON.stringify(options.settings)],
      env: options.env,
    });
    this.#channel = new LineChannel(this.#process);
  }

  /** Sends records; the offsets of the first and the last one. */
  async send(sending: Sending): Promise<{ first: number; last: number }> {
    const records = encodeRecords(sending.records);
    const sent = await this.ask("send", { ...sending, records });
    return sent as { first: number; last: number };
  }

  /** Starts a server, which answers each request with its own value. Resolves when it has begun. */
  async startServer(server: ForeignServer): Promise<void> {
    await this.ask("startServer", server);
  }

  /** Waits until a server has at least so many partitions. Default: 1. */
  async assigned(name: string, atLeast = 1): Promise<number[]> {
    const event = await this.#channel.event((event) =>
      event.name === name && (event.event === "serverFailed" ||
        event.event === "assigned" && (event.partitions as number[]).length >= atLeast)
    );
    if (event.event === "serverFailed") throw new Error(`Server ${name} failed: ${event.error}`);
    return event.partitions as number[];
  }

  /** Ends a server in order; how many requests it has answered. */
  async stopServer(name: string): Promise<number> {
    return await this.ask("stopServer", { name }) as number;
  }

  /** Ends it, without goodbyes of its clients. */
  async close(): Promise<void> {
    await this.#channel.close();
    await this.#process.status;
  }

  /** Same as {@linkcode ForeignProcess.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Asks the program for something. */
  protected ask(what: string, facts: object): Promise<unknown> {
    return this.#channel.ask(what, facts);
  }
}
