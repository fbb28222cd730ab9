/**
 * Questions to a cluster, and topics that it lacks.
 *
 * @module
 */
import type { Admin } from "kafkajs";
import { RpcError } from "../wire/errors.ts";
import { backoff, bounded, pause } from "./bounded.ts";
import { isFinal, isWithoutCoordinator, kafkaError, protocolError } from "./kafkajs_errors.ts";
import type { OpenKafka } from "./kafkajs_private.ts";
import type { Logger } from "./logger.ts";
import type { TopicSpec } from "./transport.ts";

/** A broker that is this late with an answer is asked again over a new connection. */
const ANSWER_MS = 3_000;
/** Creating a topic takes a large cluster longer than an answer. */
const CREATE_MS = 10_000;
const ATTEMPTS = 5;
/** Waits for the coordinator of a group that is only just being made, or moved; two seconds in all. */
const COORDINATOR = { firstMs: 50, maxMs: 200 };
const COORDINATOR_ATTEMPTS = 15;

/** What a {@linkcode KafkaAdmin} needs of its owner. */
export interface AdminOptions {
  /** The address, for texts. */
  readonly address: string;
  /** Where created topics are told. */
  readonly logger: Logger;
  /** Ends every question. */
  readonly closing: AbortSignal;
  /** Called with each failed attempt to reach a broker. */
  readonly unreached: (error: RpcError) => void;
}

/** What is known of a cluster besides its records. */
export class KafkaAdmin {
  readonly #open: OpenKafka;
  readonly #admin: Admin;
  readonly #address: string;
  readonly #logger: Logger;
  readonly #closing: AbortSignal;
  readonly #unreached: (error: RpcError) => void;
  /** Whether this principal may not ask about groups: then there is no use in asking again. */
  #groupsForbidden = false;

  /**
   * Creates it.
   *
   * @param open A client without retries of its own: what fails here is asked again here.
   * @param about What its owner shares.
   */
  constructor(open: OpenKafka, about: AdminOptions) {
    this.#open = open;
    this.#admin = open.kafka.admin();
    this.#address = about.address;
    this.#logger = about.logger;
    this.#closing = about.closing;
    this.#unreached = about.unreached;
  }

  /** Connects, once and without trying again. */
  connect(): Promise<void> {
    return this.#admin.connect();
  }

  /** Closes its connection. */
  disconnect(): Promise<void> {
    return this.#admin.disconnect();
  }

  /** Sees to it that topics exist; see `Transport.ensureTopics`. */
  async ensureTopics(topics: readonly TopicSpec[], options: { create: boolean }): Promise<void> {
    const existing = new Set(await this.#ask("list the topics", () => this.#admin.listTopics()));
    const missing = topics.filter(({ topic }) => !existing.has(topic));
    if (missing.length === 0) return;
    if (!options.create) throw this.#missing(missing);
    const names = missing.map(({ topic }) => topic).join(", ");
    await this.#ask(`create the topics ${names}`, () => this.#create(missing), CREATE_MS);
    this.#logger.info("topics created", { topics: names });
  }

  async #create(topics: readonly TopicSpec[]): Promise<void> {
    try {
      await this.#admin.createTopics({
        waitForLeaders: true,
        topics: topics.map(({ topic, partitions = 1, replicationFactor = -1 }) => ({
          topic,
          numPartitions: partitions,
          replicationFactor,
        })),
      });
    } catch (error) {
      // Two programs that start together both create them; the second finds them there.
      const reasons = (error as { errors?: unknown[] }).errors ?? [error];
      const failed = reasons.find((reason) => protocolError(reason) !== "TOPIC_ALREADY_EXISTS");
      if (failed !== undefined) throw failed;
    }
  }

  #missing(topics: readonly TopicSpec[]): RpcError {
    const names = topics.map(({ topic }) => topic);
    const commands = names.map((topic) =>
      `kafka-topics.sh --bootstrap-server ${this.#address} --create --topic ${topic} --partitions 1`
    );
    return new RpcError(
      "failed_precondition",
      `Cannot use ${names.length === 1 ? "the topic" : "the topics"} ${names.join(", ")}: not ` +
        `there, and \`createTopics\` is off. Turn it on, or run:\n${commands.join("\n")}`,
      { details: { topics: names } },
    );
  }

  /** Number of partitions of a topic. */
  async partitionsOf(topic: string): Promise<number> {
    const { topics } = await this.#ask(
      `read the metadata of ${topic}`,
      () => this.#admin.fetchTopicMetadata({ topics: [topic] }),
    );
    return topics[0]?.partitions.length ?? 0;
  }

  /**
   * Says whether a consumer group has a member; undefined where that can't be found out, because
   * the cluster's ACLs forbid the question or no broker answers it. A new cluster makes its first
   * coordinator when it is asked, and needs a moment for that.
   */
  async groupIsLive(group: string): Promise<boolean | undefined> {
    const delay = backoff(COORDINATOR);
    for (let attempt = 1; !this.#groupsForbidden; attempt++) {
      try {
        const { groups } = await this.#once(() => this.#admin.describeGroups([group]));
        return groups.some(({ members }) => members.length > 0);
      } catch (error) {
        const { code } = kafkaError(error, "describe the group");
        this.#groupsForbidden = code === "permission_denied";
        this.#logger.debug("whether a server listens cannot be found out", { group, error });
        if (!isWithoutCoordinator(error) || attempt === COORDINATOR_ATTEMPTS) break;
        await pause(delay(), { signal: this.#closing });
      }
    }
    return undefined;
  }

  /** Asks until there is an answer: a topic that was just created has no leader for a moment. */
  async #ask<T>(
    what: string,
    question: () => Promise<T>,
    timeoutMs: number = ANSWER_MS,
  ): Promise<T> {
    const delay = backoff({ firstMs: 50, maxMs: 500 });
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#once(question, timeoutMs);
      } catch (error) {
        const failure = kafkaError(error, what);
        if (attempt === ATTEMPTS || isFinal(failure) || this.#closing.aborted) throw failure;
        // What has a name in the protocol was said by a broker, and passes by itself. The rest is an
        // address that the first broker advertises and that cannot be reached from here.
        if (protocolError(error) === undefined) this.#unreached(failure);
        await pause(delay(), { signal: this.#closing });
      }
    }
  }

  async #once<T>(question: () => Promise<T>, timeoutMs: number = ANSWER_MS): Promise<T> {
    let late = false;
    try {
      return await bounded(question(), { timeoutMs, signal: this.#closing }, () => {
        late = true;
        return new Error("no answer in time");
      });
    } finally {
      // kafkajs would go on using a dead connection.
      if (late) await this.#open.destroySockets();
    }
  }
}
