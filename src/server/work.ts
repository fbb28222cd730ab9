/**
 * The work of a server: from the records of its partitions to their replies
 * and to the offsets that may be committed.
 *
 * @module
 */
import { clock } from "../async/clock.ts";
import type { Executor } from "../executor/executor.ts";
import { settleWithin, withDeadline } from "../async/deadline.ts";
import type { Logger } from "../logging/logger.ts";
import { ProduceRetries } from "../transport/produce_retries.ts";
import type { Bounds, ConsumeOptions, Consumption, Transport } from "../transport/transport.ts";
import { CONTROL_PARTITION, readControl } from "../wire/control.ts";
import { Answers } from "./answers.ts";
import { CallsUnderWay } from "./calls_under_way.ts";
import { noCounts, type ServerCounts } from "./counts.ts";
import { DeadLetters } from "./dead_letters.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Offsets } from "./offsets.ts";
import type { ServerSettings } from "./options.ts";
import { ReplayMemory, ReplayTail } from "./replay.ts";
import { Replies } from "./replies.ts";
import { Runs } from "./runs.ts";

/** On close, milliseconds for the replies of commands that were aborted. */
const LAST_REPLIES_MS = 2_000;

/** What {@linkcode Work} needs. */
export interface WorkOptions {
  /** Id of the server. */
  readonly id: string;
  /** Settings of the server. */
  readonly settings: ServerSettings;
  /** Runs commands. */
  readonly executor: Executor;
  /** Carries records. */
  readonly transport: Transport;
  /** Where failures are told. */
  readonly logger: Logger;
}

/** What a server does with records. */
export class Work implements Disposable {
  /** What was counted so far. */
  readonly counts: ServerCounts = noCounts();
  readonly #options: WorkOptions;
  readonly #offsets = new Offsets();
  readonly #calls = new CallsUnderWay();
  readonly #sending = new AbortController();
  readonly #retries: ProduceRetries;
  readonly #runs: Runs;
  readonly #answers: Answers;
  readonly #tail: ReplayTail | undefined;
  readonly #dispatcher: Dispatcher;
  #consumption: Consumption | undefined;
  #committing: Promise<void> = Promise.resolve();
  #nextCommit: Promise<void> | undefined;

  /**
   * Prepares the work.
   *
   * @param options What it needs.
   */
  constructor(options: WorkOptions) {
    this.#options = options;
    const { id, settings, executor, transport, logger } = options;
    const { counts } = this;
    const retries = this.#retries = new ProduceRetries(transport, { background: false });
    const { deadLetterTopic, replay } = settings;
    const certain = () => this.#consumption?.certain();
    this.#runs = new Runs({ settings, executor, logger, counts, certain });
    const memory = replay && new ReplayMemory(replay);
    this.#tail = memory && replay && new ReplayTail(memory, transport, {
      topics: new Set([settings.resultsTopic, ...settings.replyTopics]),
      settings: replay,
      logger,
    });
    const answers = this.#answers = new Answers({
      settings,
      logger,
      counts,
      runs: this.#runs,
      calls: this.#calls,
      replay: memory,
      replies: new Replies({
        ...settings,
        transport,
        sending: retries,
        server: id,
        logger,
        signal: this.#sending.signal,
      }),
      deadLetters: deadLetterTopic === undefined
        ? undefined
        : new DeadLetters(deadLetterTopic, retries, logger),
    });
    this.#dispatcher = new Dispatcher({
      most: settings.concurrency + (settings.evaluate ? settings.sandboxes : 0) +
        settings.limits.queue,
      answer: (record) => answers.answer(record),
      pass: (passed) => answers.pass(passed),
      offsets: this.#offsets,
      logger,
    });
  }

  /**
   * Begins.
   *
   * @param options How to join the group.
   * @returns The membership.
   */
  async begin(options: Pick<ConsumeOptions, "signal" | "timeoutMs">): Promise<Consumption> {
    const { transport, settings: { topic, group, controlTopic } } = this.#options;
    if (controlTopic !== undefined) await this.#readControl(controlTopic, options);
    this.#consumption = await transport.consume({
      ...options,
      topic,
      group,
      // No command starts before it is known which ones other servers have answered.
      ready: () => this.#tail?.loading ?? this.#dispatcher.ready(),
      onRecord: (record) => this.#dispatcher.dispatch(record),
      onUnreadable: (passed) => this.#dispatcher.pass(passed),
      onPassed: (partition, next) => this.#offsets.pass(partition, next),
      onRevoking: () => this.#revoke(),
      // What waits is another server's already; what runs can only be finished.
      onLost: () => {
        this.#runs.release();
        this.#offsets.leave();
      },
      onAssigned: (partitions) => {
        this.#offsets.assign(partitions);
        if (partitions.length > 0) this.#tail?.load();
      },
    });
    return this.#consumption;
  }

  /** Every server reads all of it: none knows which one has the call. */
  async #readControl(topic: string, bounds: Bounds): Promise<void> {
    const { signal, timeoutMs } = bounds;
    await this.#options.transport.read({
      topic,
      partition: CONTROL_PARTITION,
      signal,
      timeoutMs,
      onRecord: (record) => {
        const control = readControl(record);
        if (control.kind === "cancel") this.#calls.cancel(control);
      },
    });
  }

  /** Leaves nothing half done to whoever gets the partitions. */
  async #revoke(): Promise<void> {
    this.#runs.release();
    await this.#dispatcher.idle();
    await this.commit();
  }

  /**
   * Commits what is finished; one commit at a time, so that an older one never comes last. Whoever
   * asks while one is under way shares the one after it.
   */
  commit(): Promise<void> {
    return this.#nextCommit ??= this.#committing.then(() => {
      this.#nextCommit = undefined;
      return this.#committing = this.#commit();
    });
  }

  async #commit(): Promise<void> {
    const committable = this.#offsets.committable();
    if (committable.size === 0 || this.#consumption === undefined) return;
    try {
      await this.#consumption.commit(committable);
      this.#offsets.commit(committable);
    } catch (error) {
      // A rebalance is under way, or no broker answers: the next round commits it.
      this.#options.logger.debug("offsets are not committed yet", { error });
    }
  }

  /** Reports the log lines that were left out. */
  [Symbol.dispose](): void {
    this.#retries.close();
    this.#answers[Symbol.dispose]();
    this.#runs[Symbol.dispose]();
  }

  /** Takes no more records, answers what runs, commits; bounded by `drainTimeoutMs`. */
  async drain(): Promise<void> {
    const { logger, settings: { drainTimeoutMs } } = this.#options;
    this.#consumption?.pause();
    // What waits for its turn goes to another server, or to this one after its next start.
    this.#runs.release();
    const overdue = () => new Error("commands run longer than drainTimeoutMs");
    try {
      await withDeadline(this.#dispatcher.idle(), { timeoutMs: drainTimeoutMs }, overdue);
    } catch (error) {
      const { running } = this.counts;
      logger.warn("running commands are aborted", { running, drainTimeoutMs, error });
      this.#runs.stop();
      // Their replies must still get out, unless no broker takes them.
      const timer = clock.timer(LAST_REPLIES_MS, () => this.#sending.abort());
      await settleWithin(this.#dispatcher.idle(), 2 * LAST_REPLIES_MS);
      timer.cancel();
    }
    await settleWithin(this.commit(), LAST_REPLIES_MS);
  }
}
