/**
 * Membership of a consumer group, kept alive across crashes of the library.
 *
 * @module
 */
import type { Consumer, EachBatchPayload } from "kafkajs";
import type { RpcError } from "../wire/errors.ts";
import { backoff, bounded, pause } from "./bounded.ts";
import { isFinal, kafkaError } from "./kafkajs_errors.ts";
import { assignerWith, type OpenKafka } from "./kafkajs_private.ts";
import { incoming } from "./kafkajs_record.ts";
import { LogThrottle } from "./log_throttle.ts";
import type { Logger } from "./logger.ts";
import { type ConsumeOptions, type Consumption, REVOKE_MS } from "./transport.ts";

/** The broker's own minimum: after `kill -9` its partitions wait this long for another server. */
const SESSION_TIMEOUT_MS = 6_000;
const HEARTBEAT_MS = 1_000;
/** Partitions that are added while it runs are found after this time at the latest. */
const METADATA_MS = 3_000;
/** A close waits for the poll under way; records end it at once. */
const MAX_WAIT_MS = 200;
/** Most milliseconds for leaving the group on close. */
const LEAVE_MS = 3_000;
/** While no broker is there: minimum interval between log lines. */
const WARN_INTERVAL_MS = 30_000;
/** Waits before a member that crashed joins again. */
const REJOIN = { firstMs: 100, maxMs: 500 };

/** A member of a consumer group, with commits by hand. */
export class GroupMember implements Consumption {
  readonly #open: OpenKafka;
  readonly #options: ConsumeOptions;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  readonly #joined = Promise.withResolvers<void>();
  readonly #finished = Promise.withResolvers<void>();
  readonly finished: Promise<void> = this.#finished.promise;
  readonly #interruptions: LogThrottle;
  #delay = backoff(REJOIN);
  #consumer: Consumer | undefined;
  #memberId: string | undefined;
  /** From its assignment until the consumer crashes or leaves. */
  #member = false;
  /** Whether this membership has brought records. */
  #steady = false;
  #paused = false;
  #lastError: RpcError | undefined;

  private constructor(open: OpenKafka, options: ConsumeOptions, logger: Logger) {
    this.#open = open;
    this.#options = options;
    this.#logger = logger;
    this.#interruptions = new LogThrottle(logger, { intervalMs: WARN_INTERVAL_MS });
  }

  /**
   * Joins a group.
   *
   * @param open The client to join with, its own.
   * @param options What to consume.
   * @param logger Where rebalances and crashes are told.
   * @returns The member, once it has its first assignment.
   */
  static async join(
    open: OpenKafka,
    options: ConsumeOptions,
    logger: Logger,
  ): Promise<GroupMember> {
    const member = new GroupMember(open, options, logger);
    const what = `join the consumer group ${options.group} on ${options.topic}`;
    const late = () => member.#lastError ?? kafkaError(new Error("no assignment in time"), what);
    const started = member.#start();
    try {
      const first = Promise.race([member.#joined.promise, member.finished]);
      await bounded(first, options, late);
    } catch (error) {
      await member.close();
      throw error;
    } finally {
      await started;
    }
    return member;
  }

  certain(): undefined {
    return undefined;
  }

  pause(): void {
    this.#paused = true;
    // Between two memberships the library refuses it; the next one begins paused.
    if (this.#member) this.#consumer?.pause([{ topic: this.#options.topic }]);
  }

  async commit(offsets: ReadonlyMap<number, bigint>): Promise<void> {
    const { topic } = this.#options;
    const consumer = this.#consumer;
    const none = () => new Error("Cannot commit: there is no membership just now.");
    if (consumer === undefined || !this.#member) throw none();
    await consumer.commitOffsets(
      [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })),
    );
    // Without a membership the library resolves a commit that it did not make, also one under way.
    if (!this.#member || consumer !== this.#consumer) throw none();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#leave();
    this.#interruptions.close();
    this.#finished.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #leave(): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = undefined;
    this.#member = false;
    if (consumer === undefined) return;
    // Before its first assignment there is nothing to leave, and a join under way must not end well.
    if (this.#memberId === undefined) await this.#open.destroySockets();
    try {
      await bounded(consumer.disconnect(), { timeoutMs: LEAVE_MS }, () => new Error("no answer"));
    } catch (error) {
      // The broker drops the member by itself when its session ends.
      this.#logger.warn("the consumer group could not be left in order", { error });
    }
    await this.#open.destroySockets();
  }

  async #start(): Promise<void> {
    const { topic } = this.#options;
    const { signal } = this.#closing;
    const consumer = this.#createConsumer();
    this.#consumer = consumer;
    try {
      await consumer.connect();
      if (!signal.aborted) await consumer.subscribe({ topic, fromBeginning: true });
      if (!signal.aborted) {
        await consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          eachBatch: (payload) => this.#takeBatch(payload),
        });
      }
    } catch (error) {
      return await this.#crashed(consumer, error);
    }
    if (this.#paused && this.#member) consumer.pause([{ topic }]);
    // Closed meanwhile: what was set up after the goodbye needs one too.
    if (signal.aborted) {
      this.#consumer = consumer;
      await this.#leave();
    }
  }

  #createConsumer(): Consumer {
    const { topic, group } = this.#options;
    const consumer = this.#open.kafka.consumer({
      groupId: group,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: 10_000,
      maxWaitTimeInMs: MAX_WAIT_MS,
      metadataMaxAge: METADATA_MS,
      allowAutoTopicCreation: false,
      partitionAssigners: [assignerWith({
        beforeJoin: () => this.#revoke(),
        formerMember: () => this.#memberId,
        leaving: () => this.#closing.signal.aborted,
      })],
      // A crash is handled here: the library would restart only on some errors.
      retry: { restartOnFailure: () => Promise.resolve(false) },
    });
    const { GROUP_JOIN, CRASH, REQUEST_TIMEOUT, END_BATCH_PROCESS } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      const partitions = payload.memberAssignment[topic] ?? [];
      this.#steady = false;
      this.#memberId = payload.memberId;
      this.#member = true;
      const idle = partitions.length === 0 ? ", without work: the others have all partitions" : "";
      this.#logger.info(`consumer group joined${idle}`, { group, topic, partitions });
      this.#options.onAssigned(partitions);
      this.#joined.resolve();
    });
    // A batch of nothing but control records, or of a transaction that was aborted, is not handed
    // out; of others `lastOffset` says only what was fetched, not what was taken.
    consumer.on(END_BATCH_PROCESS, ({ payload: { partition, batchSize, lastOffset } }) => {
      if (batchSize === 0) this.#options.onPassed?.(partition, BigInt(lastOffset) + 1n);
    });
    consumer.on(CRASH, ({ payload }) => this.#crashed(consumer, payload.error));
    // kafkajs keeps a connection that no longer answers; the next request gets a new one.
    consumer.on(REQUEST_TIMEOUT, () => this.#open.destroySockets());
    return consumer;
  }

  async #crashed(consumer: Consumer, thrown: unknown): Promise<void> {
    if (this.#closing.signal.aborted || consumer !== this.#consumer) return;
    const error = kafkaError(thrown, `consume ${this.#options.topic}`);
    this.#lastError = error;
    await this.#leave();
    if (isFinal(error)) return this.#finished.reject(error);
    // What cannot be read is there the next time too.
    const delayMs = error.code === "data_loss" ? WARN_INTERVAL_MS : Math.round(this.#delay());
    // Before the first assignment it is no news: a new coordinator loads its groups for a moment,
    // and whoever waits for the start hears of what lasts.
    const text = "consuming is interrupted, joining again";
    const fields = { group: this.#options.group, delayMs, error };
    if (this.#memberId === undefined) this.#logger.debug(text, fields);
    else this.#interruptions.log(text, fields);
    await pause(delayMs, this.#closing);
    if (!this.#closing.signal.aborted) await this.#start();
  }

  /**
   * Finishes what runs before a rebalance takes the partitions, so that nobody runs it again. No
   * heartbeat is sent meanwhile: the wait must end before the session does.
   */
  async #revoke(): Promise<void> {
    const { onRevoking } = this.#options;
    if (onRevoking === undefined || this.#closing.signal.aborted) return;
    try {
      await bounded(onRevoking(), { timeoutMs: REVOKE_MS }, () => new Error("still running"));
    } catch (error) {
      this.#logger.warn("commands outlast a rebalance, another server may run them again", {
        error,
      });
    }
  }

  /** Only records show that a membership holds: one that ends at its first fetch is no recovery. */
  #settle(): void {
    this.#steady = true;
    this.#delay = backoff(REJOIN);
    this.#interruptions.reset();
  }

  async #takeBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload;
    if (!this.#steady) this.#settle();
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => this.#logger.debug("a heartbeat failed while records were held back"));
    let beat: ReturnType<typeof setInterval> | undefined;
    try {
      for (const message of batch.messages) {
        // A rebalance ends the wait: the record then goes to whoever has the partition.
        for (let wait = this.#options.ready(); wait !== undefined; wait = this.#options.ready()) {
          // The library beats between batches only; holding a record back must not cost the
          // membership.
          beat ??= setInterval(() => heartbeat().catch(lost.reject), HEARTBEAT_MS);
          await Promise.race([wait, lost.promise]);
        }
        if (this.#paused || !isRunning() || isStale()) return;
        this.#options.onRecord(incoming(batch.topic, batch.partition, message));
        resolveOffset(message.offset);
      }
      this.#options.onPassed?.(batch.partition, BigInt(batch.lastOffset()) + 1n);
    } finally {
      clearInterval(beat);
    }
  }
}
