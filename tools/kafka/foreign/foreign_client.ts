/**
 * Kafka's own Java clients in a process, for tests: what other programs do to the topics and the
 * cluster of an RPC, and what they see there.
 *
 * @module
 */
import { delimiter } from "node:path";
import { provideJars } from "../download.ts";
import { findCompiler, SHORT_RUN } from "../java.ts";
import { compileForeign } from "./compile.ts";
import { type ForeignOptions, ForeignProcess } from "./foreign_process.ts";
import { type ReadRecord, readRecord, type WireRecord } from "./records.ts";

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

/** Java's clients, in a process of their own. */
export class ForeignClient extends ForeignProcess {
  /** Starts it. It needs a JDK. */
  static async start({ brokers, settings }: ForeignOptions): Promise<ForeignClient> {
    const java = await findCompiler();
    const jars = await provideJars(() => {});
    if ("missing" in jars) throw new Error(`Cannot get Kafka's jars: ${jars.missing}.`);
    const classes = await compileForeign(java, jars.folder);
    return new ForeignClient(java, [
      "-Xmx512m",
      ...SHORT_RUN,
      "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
      "-cp",
      `${classes}${delimiter}${jars.folder}/*`,
      "Foreign",
    ], { settings: { "bootstrap.servers": brokers.join(), ...settings } });
  }

  /** Creates a topic, with these settings. */
  async createTopic(
    topic: string,
    options: { partitions?: number; settings?: Readonly<Record<string, string>> } = {},
  ): Promise<void> {
    await this.ask("createTopic", { topic, ...options });
  }

  /** Deletes topics. */
  async deleteTopics(topics: readonly string[]): Promise<void> {
    await this.ask("deleteTopics", { topics });
  }

  /** Deletes the records of a partition that come before an offset. */
  async deleteRecords(topic: string, partition: number, before: number): Promise<void> {
    await this.ask("deleteRecords", { topic, partition, before });
  }

  /** Changes settings of a topic, a broker or a group; null takes the default again. */
  async configure(
    what: { topic: string } | { broker: string } | { group: string },
    settings: Readonly<Record<string, string | null>>,
  ): Promise<void> {
    const [[kind, name]] = Object.entries(what) as [[string, string]];
    await this.ask("configure", { what: kind, name, settings });
  }

  /** Lets a user do exactly this. */
  async setRights(user: string, rights: readonly Right[]): Promise<void> {
    await this.ask("setRights", { user, rights });
  }

  /** Sets quotas of a client id; those not named stay. */
  async setQuotas(clientId: string, quotas: Quotas): Promise<void> {
    await this.ask("setQuotas", { clientId, quotas });
  }

  /** Sets a user's password for SCRAM; null takes the user away. */
  async setPassword(user: string, password: string | null): Promise<void> {
    await this.ask("setPassword", { user, password });
  }

  /** Begins a transaction of this name, which lasts up to the time-out. Default: a minute. */
  async beginTransaction(transaction: string, timeoutMs = 60_000): Promise<void> {
    await this.ask("beginTransaction", { transaction, timeoutMs });
  }

  /** Commits it. */
  async commitTransaction(transaction: string): Promise<void> {
    await this.ask("commitTransaction", { transaction });
  }

  /** Aborts it. */
  async abortTransaction(transaction: string): Promise<void> {
    await this.ask("abortTransaction", { transaction });
  }

  /** Reads a partition from an offset to its end, as Java sees it. */
  async read(
    topic: string,
    options: { partition?: number; from?: number; isolation?: "read_committed" } = {},
  ): Promise<ReadRecord[]> {
    return (await this.ask("read", { topic, ...options }) as WireRecord[]).map(readRecord);
  }
}
