/**
 * Kafka's own Java clients in a process, for tests: what other programs do to the topics and the
 * cluster of an RPC, and what they see there.
 *
 * @module
 */
import { delimiter } from "node:path";
import { provideJars } from "../download.ts";
import { findCompiler } from "../java.ts";
import { compileForeign } from "./compile.ts";
import { LineChannel } from "./line_channel.ts";
import {
  encodeRecords,
  type ReadRecord,
  readRecord,
  type SentRecord,
  type WireRecord,
} from "./records.ts";

/** Where the clients connect. */
export interface ForeignOptions {
  /** Bootstrap brokers. */
  readonly brokers: readonly string[];
  /** Settings of all clients, by the names of Java. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** One thing that a user may do. */
export interface Right {
  /** Kind of the resource. */
  readonly on: "topic" | "group" | "cluster" | "transactional_id";
  /** Its name; `kafka-cluster` for the cluster. */
  readonly name: string;
  /** Kafka's name of the operation, such as `Write`. */
  readonly may: string;
  /** Whether the name is a whole one or a beginning. Default: `literal`. */
  readonly pattern?: "literal" | "prefixed";
}

/** Quotas of a client id; null ends one. */
export interface Quotas {
  /** Bytes in a second. */
  readonly producer_byte_rate?: number | null;
  /** Bytes in a second. */
  readonly consumer_byte_rate?: number | null;
  /** Percent of a network and a request thread. */
  readonly request_percentage?: number | null;
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

/** How a server of Java reads the commands. */
export interface ForeignServer {
  /** Its name, in events and in the replies. */
  readonly name: string;
  /** Topic of the commands. */
  readonly topic: string;
  /** Classic groups, those of KIP-848, or none: every partition from its end on. */
  readonly protocol: "classic" | "consumer" | "assign";
  /** Group. Default: TOPIC-servers. */
  readonly group?: string;
  /** How a classic group divides the partitions. Default: Java's. */
  readonly assignor?: "RangeAssignor" | "RoundRobinAssignor" | "CooperativeStickyAssignor";
}

/** Java's clients, in a process of their own. */
export class ForeignClient implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #channel: LineChannel;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#channel = new LineChannel(child);
  }

  /** Starts it. It needs a JDK. */
  static async start({ brokers, settings }: ForeignOptions): Promise<ForeignClient> {
    const java = await findCompiler();
    const jars = await provideJars(() => {});
    if ("missing" in jars) throw new Error(`Cannot get Kafka's jars: ${jars.missing}.`);
    const classes = await compileForeign(java, jars.folder);
    const all = { "bootstrap.servers": brokers.join(), ...settings };
    return new ForeignClient(
      new Deno.Command(java, {
        args: [
          "-Xmx512m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
          "-cp",
          `${classes}${delimiter}${jars.folder}/*`,
          "Foreign",
          JSON.stringify(all),
        ],
        stdin: "piped",
        stdout: "piped",
      }).spawn(),
    );
  }

  /** Creates a topic, with these settings. */
  async createTopic(
    topic: string,
    options: { partitions?: number; settings?: Readonly<Record<string, string>> } = {},
  ): Promise<void> {
    await this.#channel.ask("createTopic", { topic, ...options });
  }

  /** Deletes topics. */
  async deleteTopics(topics: readonly string[]): Promise<void> {
    await this.#channel.ask("deleteTopics", { topics });
  }

  /** Deletes the records of a partition that come before an offset. */
  async deleteRecords(topic: string, partition: number, before: number): Promise<void> {
    await this.#channel.ask("deleteRecords", { topic, partition, before });
  }

  /** Changes settings of a topic, a broker or a group; null takes the default again. */
  async configure(
    what: { topic: string } | { broker: string } | { group: string },
    settings: Readonly<Record<string, string | null>>,
  ): Promise<void> {
    const [[kind, name]] = Object.entries(what) as [[string, string]];
    await this.#channel.ask("configure", { what: kind, name, settings });
  }

  /** Lets a user do exactly this. */
  async setRights(user: string, rights: readonly Right[]): Promise<void> {
    await this.#channel.ask("setRights", { user, rights });
  }

  /** Sets quotas of a client id; those not named stay. */
  async setQuotas(clientId: string, quotas: Quotas): Promise<void> {
    await this.#channel.ask("setQuotas", { clientId, quotas });
  }

  /** Sets a user's password for SCRAM; null takes the user away. */
  async setPassword(user: string, password: string | null): Promise<void> {
    await this.#channel.ask("setPassword", { user, password });
  }

  /** Sends records; the offsets of the first and the last one. */
  async send(sending: Sending): Promise<{ first: number; last: number }> {
    const records = encodeRecords(sending.records);
    const sent = await this.#channel.ask("send", { ...sending, records });
    return sent as { first: number; last: number };
  }

  /** Begins a transaction of this name, which lasts up to the time-out. Default: a minute. */
  async beginTransaction(transaction: string, timeoutMs = 60_000): Promise<void> {
    await this.#channel.ask("beginTransaction", { transaction, timeoutMs });
  }

  /** Commits it. */
  async commitTransaction(transaction: string): Promise<void> {
    await this.#channel.ask("commitTransaction", { transaction });
  }

  /** Aborts it. */
  async abortTransaction(transaction: string): Promise<void> {
    await this.#channel.ask("abortTransaction", { transaction });
  }

  /** Starts a server, which answers each request with its own value. Resolves when it has begun. */
  async startServer(server: ForeignServer): Promise<void> {
    await this.#channel.ask("startServer", server);
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
    return await this.#channel.ask("stopServer", { name }) as number;
  }

  /** Reads a partition from an offset to its end, as Java sees it. */
  async read(
    topic: string,
    options: { partition?: number; from?: number; isolation?: "read_committed" } = {},
  ): Promise<ReadRecord[]> {
    return (await this.#channel.ask("read", { topic, ...options }) as WireRecord[]).map(readRecord);
  }

  /** Ends it, without goodbyes of its clients. */
  async close(): Promise<void> {
    await this.#channel.close();
    await this.#child.status;
  }

  /** Same as {@linkcode ForeignClient.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
