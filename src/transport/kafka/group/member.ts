// Consumes a topic as a member of a group.
import { clock } from "../../../async/clock.ts";
import { settleWithin, withDeadline } from "../../../async/deadline.ts";
import { backoff, delay } from "../../../async/delay.ts";
import { LogThrottle } from "../../../logging/log_throttle.ts";
import { type ConsumeOptions, type Consumption, REVOKE_MS } from "../../transport.ts";
import type { TransportParts } from "../cluster.ts";
import { asRpcError, judge, KafkaFailure, REFUSED_MS } from "../errors.ts";
import { Moment, MOMENT_MS } from "../moment.ts";
import { untilStarted } from "../start.ts";
import { Assigned } from "./assigned.ts";
import { Membership, type StayEnd } from "./membership.ts";
import { CommittedOffsets } from "./offsets.ts";

const LEAVE_MS = 3_000;
const WARN_INTERVAL_MS = 30_000;
const REJOIN = { firstMs: 100, maxMs: 500 };

type MemberParts = Omit<TransportParts, "closing">;

export class GroupMember implements Consumption {
  readonly #parts: MemberParts;
  readonly #options: ConsumeOptions;
  readonly #closing = new AbortController();
  readonly #membership: Membership;
  readonly #committed: CommittedOffsets;
  readonly #interruptions: LogThrottle;
  readonly #unreadable: LogThrottle;
  readonly #joined = Promise.withResolvers<void>();
  readonly #finished = Promise.withResolvers<void>();
  readonly finished: Promise<void> = this.#finished.promise;
  #running: Promise<void> = Promise.resolve();
  #delayMs = backoff(REJOIN);
  #hasJoined = false;
  /** When the leaders of a new topic must know that they are: until then their refusals are no news. */
  #readyAt = Infinity;
  #isPaused = false;
  #lastError: unknown;
  #interruptedAt = -Infinity;
  /** Whether the log says that it is interrupted, and nothing since. */
  #isInterrupted = false;
  #closed: Promise<void> | undefined;

  private constructor(parts: MemberParts, options: ConsumeOptions) {
    const { cluster, logger } = parts;
    const { topic, group, name } = options;
    const { signal } = this.#closing;
    this.#parts = parts;
    this.#options = options;
    this.#membership = new Membership({ cluster, topic, group, name, logger, signal });
    this.#committed = new CommittedOffsets({ cluster, topic, group, signal });
    this.#interruptions = new LogThrottle(logger, { intervalMs: WARN_INTERVAL_MS });
    this.#unreadable = new LogThrottle(logger, { intervalMs: WARN_INTERVAL_MS });
  }

  /** Joins a group, and resolves with the first assignment. */
  static async join(parts: MemberParts, options: ConsumeOptions): Promise<GroupMember> {
    const member = new GroupMember(parts, options);
    const what = `join the consumer group ${options.group} on ${options.topic}`;
    const late = () => asRpcError(member.#lastError ?? new Error("no assignment in time"), what);
    member.#running = member.#run();
    try {
      await withDeadline(Promise.race([member.#joined.promise, member.finished]), options, late);
    } catch (error) {
      await member.close();
      throw error;
    }
    return member;
  }

  certain(): Promise<void> | undefined {
    return this.#membership.certain();
  }

  pause(): void {
    this.#isPaused = true;
  }

  async commit(offsets: ReadonlyMap<number, bigint>): Promise<void> {
    if (!this.#membership.isMember) {
      throw new Error("Cannot commit: there is no membership just now.");
    }
    await this.#committed.commit(this.#membership.generation, offsets);
  }

  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    try {
      const bounds = { what: "leave the consumer group", timeoutMs: LEAVE_MS };
      await untilStarted((signal) => this.#membership.leave(signal), bounds);
    } catch (error) {
      // The broker drops the member by itself when its session ends.
      this.#parts.logger.warn("the consumer group could not be left in order", { error });
    } finally {
      this.#membership.close();
      this.#committed[Symbol.dispose]();
      this.#interruptions.close();
      this.#unreadable.close();
      this.#finished.resolve();
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const moment = new Moment();
    while (!signal.aborted) {
      try {
        const partitions = await this.#membership.join();
        await this.#consume(partitions);
      } catch (error) {
        if (signal.aborted) return;
        this.#lastError = error;
        // Of a member that runs nothing ends it but its close.
        const final = this.#hasJoined ? undefined : moment.endedBy(error);
        if (final !== undefined) return this.#finished.reject(this.#asError(final));
        const refused = judge(error, "running").kind !== "outage";
        const delayMs = refused ? REFUSED_MS : this.#delayMs();
        this.#interrupted("consuming is interrupted, joining again", error);
        await delay(delayMs, { signal, background: true });
      }
    }
  }

  #asError(error: unknown): Error {
    return asRpcError(error, `consume ${this.#options.topic}`);
  }

  /** Before the first assignment it is no news: the start itself fails with what lasts. */
  #interrupted(text: string, error: unknown): void {
    this.#interruptedAt = clock.now();
    const fields = { group: this.#options.group, error: this.#asError(error) };
    const isOutage = error instanceof KafkaFailure && judge(error, "running").kind === "outage";
    const isNews = this.#hasJoined && !(isOutage && clock.now() < this.#readyAt);
    if (!isNews) return this.#parts.logger.debug(text, fields);
    this.#isInterrupted = true;
    this.#interruptions.log(text, fields);
  }

  async #consume(partitions: readonly number[]): Promise<void> {
    const { group, topic, onAssigned, onLost } = this.#options;
    const { signal } = this.#closing;
    if (!this.#hasJoined) this.#readyAt = clock.now() + MOMENT_MS;
    this.#hasJoined = true;
    const idle = partitions.length === 0 ? ", without work: the others have all partitions" : "";
    this.#parts.logger.info(`consumer group joined${idle}`, { group, topic, partitions });
    if (this.#membership.hasMissedGenerations) onLost?.();
    onAssigned(partitions);
    this.#joined.resolve();
    const end = await this.#stay(partitions);
    if (end === "lost") this.#lose();
    else if (!signal.aborted) await this.#revoke();
  }

  /** Reads these partitions while it stays: records that come after that are another member's. */
  async #stay(partitions: readonly number[]): Promise<StayEnd> {
    const onFailure = (error: unknown) => this.#interrupted("consuming is interrupted", error);
    await using _assigned = new Assigned(partitions, {
      ...this.#options,
      ...this.#parts,
      committed: this.#committed,
      unreadable: this.#unreadable,
      isPaused: () => this.#isPaused,
      certain: () => this.#membership.certain(),
      onFailure,
      onSteady: () => this.#steady(),
    });
    return await this.#membership.stay(onFailure);
  }

  /** Only answers to fetches show that a membership works: one that ends before is no recovery. */
  #steady(): void {
    this.#delayMs = backoff(REJOIN);
    this.#readyAt = -Infinity;
    // Leaders may answer while the coordinator is away: that is the same interruption still.
    if (!this.#membership.wasAcknowledgedAfter(this.#interruptedAt)) return;
    this.#interruptions.reset();
    if (!this.#isInterrupted) return;
    this.#isInterrupted = false;
    const { group, topic } = this.#options;
    this.#parts.logger.info("consuming goes on", { group, topic });
  }

  #lose(): void {
    const { group, topic, onLost } = this.#options;
    const text = "the consumer group went on without this server, which joins again";
    this.#parts.logger.warn(text, { group, topic });
    onLost?.();
  }

  /** Finishes what runs before a rebalance takes the partitions, so that nothing runs twice. */
  async #revoke(): Promise<void> {
    const { onRevoking } = this.#options;
    if (onRevoking === undefined) return;
    const done = new AbortController();
    const beating = this.#membership.keepAlive(done.signal);
    const revoked = await settleWithin(onRevoking().then(() => true), REVOKE_MS);
    done.abort();
    await beating;
    if (revoked !== undefined) return;
    this.#parts.logger.warn("commands outlast a rebalance, another server may run them again", {
      group: this.#options.group,
    });
  }
}
