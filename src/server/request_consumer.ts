// What a server does with the records of its partitions, up to the offsets that it commits.
import { clock } from "../async/clock.ts";
import { settleWithin, withDeadline } from "../async/deadline.ts";
import type { Executor } from "../executor/executor.ts";
import type { Logger } from "../logging/logger.ts";
import { ProduceRetries } from "../transport/produce_retries.ts";
import type { Bounds, ConsumeOptions, Consumption, Transport } from "../transport/transport.ts";
import { CONTROL_PARTITION, readControl } from "../wire/control.ts";
import { RpcError } from "../wire/errors.ts";
import { EVAL_COMMAND } from "../wire/headers.ts";
import type { IncomingRecord } from "../wire/record.ts";
import { Authentication } from "./authentication.ts";
import { Cancellations } from "./cancellations.ts";
import { CommandPolicies } from "./command_policies.ts";
import { CommandStatistics } from "./command_statistics.ts";
import { CallsToAll } from "./calls_to_all.ts";
import { Commits } from "./commits.ts";
import { ControlRecords } from "./control_records.ts";
import { noCounts, type ServerCounts } from "./counts.ts";
import { DeadLetters } from "./dead_letters.ts";
import { Discovery } from "./discovery.ts";
import { ForgottenReplies } from "./forgotten_replies.ts";
import { KeyOrder } from "./key_order.ts";
import { InFlightRecords } from "./in_flight_records.ts";
import { Offsets } from "./offsets.ts";
import { OwnPartition } from "./own_partition.ts";
import { serverPipeline } from "./pipeline.ts";
import { ReplyCache } from "./reply_cache.ts";
import { ReplyCacheLoader } from "./reply_cache_loader.ts";
import { ReplyProvenance } from "./reply_provenance.ts";
import { ReplySender } from "./reply_sender.ts";
import { RequestHandler } from "./request_handler.ts";
import { Scheduler } from "./scheduler.ts";
import type { ServerSettings } from "./settings.ts";
import type { ServerSigning } from "./signing.ts";
import { OpenStreams } from "./streams/open_streams.ts";

/** On close, milliseconds for the replies of commands that were aborted. */
const LAST_REPLIES_MS = 2_000;

export interface RequestConsumerOptions {
  /** Id of the server. */
  readonly id: string;
  readonly settings: ServerSettings;
  readonly executor: Executor;
  readonly transport: Transport;
  /** Undefined where nothing is signed. */
  readonly signing: ServerSigning | undefined;
  readonly logger: Logger;
}

/** Consumes requests: takes them, has them handled, commits, and drains. */
export class RequestConsumer implements Disposable {
  readonly counts: ServerCounts = noCounts();
  readonly #options: RequestConsumerOptions;
  readonly #offsets = new Offsets(() => this.#commits.later());
  readonly #control: ControlRecords;
  readonly #sending = new AbortController();
  readonly #open = new DisposableStack();
  readonly #scheduler: Scheduler;
  readonly #loader: ReplyCacheLoader | undefined;
  readonly #handler: RequestHandler;
  /** Undefined where keys order nothing. */
  readonly #order: KeyOrder | undefined;
  readonly #inFlight: InFlightRecords;
  readonly #callsToAll: CallsToAll;
  readonly #discovery: Discovery;
  readonly #commits: Commits;
  #consumption: Consumption | undefined;
  #partitions: readonly number[] | undefined;

  constructor(options: RequestConsumerOptions) {
    this.#options = options;
    const { id, settings, transport, signing, logger } = options;
    const { counts } = this;
    const { deadLetterTopic, evaluate } = settings;
    // Where expressions are not evaluated, a function may have that name.
    const isExpression = (command: string) => evaluate && command === EVAL_COMMAND;
    const certain = () => this.#consumption?.certain();
    const policies = new CommandPolicies({
      limits: settings.limits,
      declared: options.executor.policies,
      chosen: settings.policies,
    });
    const scheduling = { settings, policies, isExpression, certain, logger };
    const scheduler = this.#scheduler = new Scheduler(scheduling);
    const callers = signing?.callers;
    const { replyCache } = settings;
    const authentication = callers && replyCache && this.#open.use(
      new Authentication({
        verifier: callers,
        windowMs: replyCache.windowMs,
        partition: new OwnPartition(settings.topic, transport),
        counts,
        logger,
      }),
    );
    // A copy of a signed request that was canceled may come for as long as one that was answered.
    const rememberMs = authentication && replyCache?.windowMs;
    const cancellations = new Cancellations({ rememberMs });
    const streams = new OpenStreams();
    const control = { authentication, cancellations, streams, logger };
    this.#control = this.#open.use(new ControlRecords(control));
    const forgotten = authentication && new ForgottenReplies();
    const cache = replyCache && new ReplyCache(replyCache, { forgotten });
    this.#loader = cache && replyCache && new ReplyCacheLoader(cache, transport, {
      topics: new Set([settings.resultsTopic, ...settings.replyTopics]),
      settings: replyCache,
      server: id,
      provenance: signing && new ReplyProvenance({ ...signing, logger }),
      logger,
    });
    const retries = new ProduceRetries(transport, { background: false });
    this.#open.defer(() => retries.close());
    const pipeline = this.#open.use(serverPipeline({
      ...options,
      scheduler,
      cancellations,
      streams,
      cache,
      isExpression,
      counts,
    }));
    const { signal } = this.#sending;
    const replies = new ReplySender({
      ...settings,
      transport,
      sending: signing?.signer?.over(retries, () => "reply") ?? retries,
      server: id,
      logger,
      signal,
      mayWait: (place) => place.topic !== settings.topic || this.#inFlight.unsent(place),
    });
    const statistics = new CommandStatistics(options.executor.commands, isExpression);
    const partitions = () => this.#partitions;
    const shared = { counts, policies, statistics, authentication, replies };
    this.#discovery = this.#open.use(new Discovery({ ...options, ...shared, partitions }));
    const handler = this.#handler = this.#open.use(
      new RequestHandler({
        settings,
        policies,
        logger,
        counts,
        pipeline: pipeline.handle,
        authentication,
        onBegun: (place) => this.#inFlight.begun(place),
        statistics,
        replies,
        deadLetters: deadLetterTopic === undefined
          ? undefined
          : this.#open.use(new DeadLetters(deadLetterTopic, retries, logger)),
      }),
    );
    const handle = (record: IncomingRecord) => handler.handle(record);
    this.#order = settings.orderedByKey ? new KeyOrder(handle, counts) : undefined;
    this.#inFlight = new InFlightRecords({
      max: settings.concurrency + (evaluate ? settings.expressions : 0) + settings.limits.queue,
      handle: this.#order?.handle ?? handle,
      pass: (passed) => handler.pass(passed),
      offsets: this.#offsets,
      logger,
    });
    const { queue: max } = settings.limits;
    this.#callsToAll = this.#open.use(new CallsToAll({ max, handle, logger }));
    const consumption = () => this.#consumption;
    this.#commits = new Commits({ offsets: this.#offsets, consumption, logger });
  }

  /** Its partitions; undefined while it is no member of the group. */
  get partitions(): readonly number[] | undefined {
    return this.#partitions;
  }

  /** Joins the group. */
  async begin(options: Pick<ConsumeOptions, "signal" | "timeoutMs">): Promise<Consumption> {
    const { transport, settings: { topic, group, controlTopic } } = this.#options;
    if (controlTopic !== undefined) await this.#readControl(controlTopic, options);
    this.#consumption = await transport.consume({
      ...options,
      topic,
      group,
      name: this.#options.id,
      // No command starts before it is known which ones other servers have answered.
      ready: () => this.#loader?.loading ?? this.#inFlight.ready(),
      onRecord: (record) => this.#inFlight.take(record),
      onUnreadable: (passed) => this.#inFlight.pass(passed),
      onPassed: (partition, next) => this.#offsets.pass(partition, next),
      onRevoking: () => this.#revoke(),
      // What waits is another server's already; what runs can only be finished.
      onLost: () => {
        this.#partitions = undefined;
        this.#evict();
        this.#offsets.leave();
      },
      onAssigned: (partitions) => {
        this.#partitions = partitions;
        this.#offsets.assign(partitions);
        if (partitions.length > 0) this.#loader?.load();
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
        if (control.kind === "call") this.#callsToAll.take(record);
        else if (control.kind === "question") this.#discovery.take(record, control);
        else if (control.kind !== "unknown") this.#control.take(record, control);
      },
    });
  }

  /** Leaves what waits for its turn to another server; first what would get a slot of the others. */
  #evict(): void {
    this.#order?.evict();
    this.#scheduler.evict();
    this.#handler.evict();
  }

  /** Leaves nothing half done to the next server of the partitions. */
  async #revoke(): Promise<void> {
    this.#evict();
    await this.#inFlight.settled();
    await this.#commits.commit();
  }

  /** Commits what is finished, again and again until it drains. */
  beginCommits(): void {
    this.#commits.begin();
  }

  /** Resolves when nothing of it goes on that the end of the transport has interrupted. */
  async ended(): Promise<void> {
    const loading = this.#loader?.loading;
    if (loading !== undefined) await settleWithin(loading, LAST_REPLIES_MS);
  }

  /** Reports the log lines that were left out. */
  [Symbol.dispose](): void {
    this.#open.dispose();
  }

  /** Takes no more records, answers what runs, commits; bounded by `drainTimeoutMs`. */
  async drain(): Promise<void> {
    const { logger, settings: { drainTimeoutMs } } = this.#options;
    this.#commits.stop();
    this.#consumption?.pause();
    this.#callsToAll.close();
    this.#discovery.drains();
    // What waits for its turn goes to another server, or to this one after its next start.
    this.#evict();
    const overdue = () => new Error("commands run longer than drainTimeoutMs");
    try {
      await withDeadline(this.#idle(), { timeoutMs: drainTimeoutMs }, overdue);
    } catch (error) {
      const { running } = this.counts;
      logger.warn("running commands are aborted", { running, drainTimeoutMs, error });
      this.#handler.stop(stopped());
      // Their replies must still get out, unless no broker takes them.
      const timer = clock.timer(LAST_REPLIES_MS, () => this.#sending.abort());
      await settleWithin(this.#idle(), 2 * LAST_REPLIES_MS);
      timer.cancel();
    }
    await settleWithin(
      Promise.all([this.#commits.commit(), this.#discovery.close()]),
      LAST_REPLIES_MS,
    );
  }

  async #idle(): Promise<void> {
    await Promise.all([this.#inFlight.idle(), this.#callsToAll.idle()]);
  }
}

function stopped(): RpcError {
  const text =
    "Cannot finish the call: the server stopped before it ended. It may have done a part " +
    "of its work. Try again if it may run twice.";
  return new RpcError("unavailable", text);
}
