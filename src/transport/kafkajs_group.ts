/**
 * Membership of a consumer group, kept alive across crashes of the library.
 *
 * @module
 */
import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";
import type { RpcError } from "../wire/errors.ts";
import { backoff, bounded, pause } from "./bounded.ts";
import { isFinal, kafkaError } from "./kafkajs_errors.ts";
import { incoming } from "./kafkajs_record.ts";
import type { Logger } from "./logger.ts";
import type { ConsumeOptions, Consumption } from "./transport.ts";

/** The broker's own minimum: after `kill -9` its partitions wait this long for another server. */
const SESSION_TIMEOUT_MS = 6_000;
const HEARTBEAT_MS = 1_000;
/** A close waits for the poll under way; records end it at once. */
const MAX_WAIT_MS = 200;
/** Most milliseconds for leaving the group on close. */
const LEAVE_MS = 3_000;

/** A member of a consumer group, with commits by hand. */
export class GroupMember implements Consumption {
  readonly #kafka: Kafka;
  readonly #options: ConsumeOptions;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  readonly #joined = Promise.withResolvers<void>();
  readonly #finished = Promise.withResolvers<void>();
  readonly #delay = { next: backoff({ firstMs: 100, maxMs: 5_000 }) };
  readonly finished: Promise<void> = this.#finished.promise;
  #consumer: Consumer | undefined;
  #paused = false;
  #lastError: RpcError | undefined;

  private constructor(kafka: Kafka, options: ConsumeOptions, logger: Logger) {
    this.#kafka = kafka;
    this.#options = options;
    this.#logger = logger;
  }

  /**
   * Joins a group.
   *
   * @param kafka The client to join with.
   * @param options What to consume.
   * @param logger Where rebalances and crashes are told.
   * @returns The member, once it has its first assignment.
   */
  static async join(
    kafka: Kafka,
    options: ConsumeOptions,
    logger: Logger,
  ): Promise<GroupMember> {
    const member = new GroupMember(kafka, options, logger);
    const what = `join the consumer group ${options.group} on ${options.topic}`;
    const started = member.#start();
    try {
      await bounded(
        Promise.race([member.#joined.promise, member.finished]),
        options,
        () =>
          member.#lastError ??
            kafkaError(new Error("no assignment in time"), what),
      );
    } catch (error) {
      await member.close();
      throw error;
    } finally {
      await started;
    }
    return member;
  }

  pause(): void {
    this.#paused = true;
    this.#consumer?.pause([{ topic: this.#options.topic }]);
  }

  async commit(offsets: ReadonlyMap<number, bigint>): Promise<void> {
    const { topic } = this.#options;
    const consumer = this.#consumer;
    if (consumer === undefined) {
      throw new Error("Cannot commit: there is no membership just now.");
    }
    await consumer.commitOffsets(
      [...offsets].map(([partition, offset]) => ({
        topic,
        partition,
        offset: String(offset),
      })),
    );
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#leave();
    this.#finished.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #leave(): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = undefined;
    if (consumer === undefined) return;
    try {
      await bounded(
        consumer.disconnect(),
        { timeoutMs: LEAVE_MS },
        () => new Error("no answer"),
      );
    } catch (error) {
      // The broker drops the member by itself when its session ends.
      this.#logger.warn("the consumer group could not be left in order", {
        error,
      });
    }
  }

  async #start(): Promise<void> {
    const { topic, group } = this.#options;
    const consumer = this.#kafka.consumer({
      groupId: group,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: 10_000,
      maxWaitTimeInMs: MAX_WAIT_MS,
      allowAutoTopicCreation: false,
      // A crash is handled here: the library would restart only on some errors.
      retry: { restartOnFailure: () => Promise.resolve(false) },
    });
    this.#consumer = consumer;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      const partitions = payload.memberAssignment[topic] ?? [];
      this.#delay.next = backoff({ firstMs: 100, maxMs: 5_000 });
      this.#logger.info("consumer group joined", { group, topic, partitions });
      this.#options.onAssigned(partitions);
      this.#joined.resolve();
    });
    consumer.on(
      consumer.events.CRASH,
      ({ payload }) => this.#crashed(consumer, payload.error),
    );
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: (payload) => this.#takeBatch(payload),
      });
      if (this.#paused) consumer.pause([{ topic }]);
    } catch (error) {
      await this.#crashed(consumer, error);
    }
  }

  async #crashed(consumer: Consumer, thrown: unknown): Promise<void> {
    if (this.#closing.signal.aborted || consumer !== this.#consumer) return;
    const error = kafkaError(thrown, `consume ${this.#options.topic}`);
    this.#lastError = error;
    await this.#leave();
    if (isFinal(error)) return this.#finished.reject(error);
    const delay = this.#delay.next();
    this.#logger.warn("consuming is interrupted, joining again", {
      delayMs: delay,
      error,
    });
    await pause(delay, this.#closing);
    if (!this.#closing.signal.aborted) await this.#start();
  }

  async #takeBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload;
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => this.#logger.debug("a heartbeat failed while records were held back"));
    // The library beats between batches only; holding a record back must not cost the membership.
    const beat = setInterval(
      () => heartbeat().catch(lost.reject),
      HEARTBEAT_MS,
    );
    try {
      for (const message of batch.messages) {
        const wait = this.#options.ready();
        // A rebalance ends the wait: the record then goes to whoever has the partition.
        if (wait !== undefined) await Promise.race([wait, lost.promise]);
        if (this.#paused || !isRunning() || isStale()) return;
        this.#options.onRecord(incoming(batch.topic, batch.partition, message));
        resolveOffset(message.offset);
      }
    } finally {
      clearInterval(beat);
    }
  }
}
