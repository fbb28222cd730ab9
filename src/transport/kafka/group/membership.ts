// One member of a consumer group: joins, shares out where it leads, keeps its session.
import { clock } from "../../../async/clock.ts";
import { delay } from "../../../async/delay.ts";
import type { Logger } from "../../../logging/logger.ts";
import {
  errorCode,
  ILLEGAL_GENERATION,
  isLost,
  MEMBER_ID_REQUIRED,
  REBALANCE_IN_PROGRESS,
} from "../error_codes.ts";
import { throwFailure } from "../errors.ts";
import type { Lane } from "../lane.ts";
import { Patience } from "../patience.ts";
import type { Answers, Api, GroupGeneration, Item, Requests } from "../port.ts";
import { ASSIGNORS } from "./assignors.ts";
import { decodeAssignment, encodeSubscription } from "./consumer_protocol.ts";
import { shareOut } from "./leader.ts";
import type { CommittedOptions } from "./offsets.ts";
import { sendParked } from "./parked.ts";

/** The broker's own minimum: after `kill -9` its partitions wait this long for another server. */
export const SESSION_MS = 6_000;
const REBALANCE_MS = 10_000;
/** A join is parked until every member has joined, a first one longer by the broker's delay. */
const PARKED_MS = REBALANCE_MS + 6_000;
const HEARTBEAT_MS = 1_000;
/**
 * How long a heartbeat is waited for: a coordinator may be late with these alone, and each that is
 * not waited for leaves a gap. Where none is late, the session has time for two that are lost.
 */
const PATIENCE = { minMs: 2_500, maxMs: SESSION_MS - HEARTBEAT_MS };
/** A heartbeat that failed is sent again soon: the session goes on meanwhile. */
const HEARTBEAT_AGAIN_MS = 200;

/** What a {@linkcode Membership} needs; the signal ends it. */
interface MembershipOptions extends CommittedOptions {
  /** Of this member, for others. */
  readonly name?: string | undefined;
  readonly logger: Logger;
}

export type StayEnd =
  /** Others join or leave: the partitions are given back, then it joins again. */
  | "rebalance"
  /** The partitions are another member's already. */
  | "lost";

/** A member of a group. Its owner calls join() and stay() in turn, and leave() at the end. */
export class Membership {
  readonly #options: MembershipOptions;
  /** Parked there for seconds: what must not wait has lanes of its own. */
  readonly #joins: Lane;
  readonly #heartbeats: Lane;
  readonly #patience = new Patience(PATIENCE.minMs, PATIENCE.maxMs);
  readonly #metadata: Uint8Array;
  #memberId = "";
  #generation = -1;
  /** Generation of its last stay. */
  #stayed = -1;
  #leads = false;
  /** When the last request was sent that the coordinator acknowledged as one of a member. */
  #acknowledgedAt = -Infinity;
  #partitionCount = 0;
  #certain: PromiseWithResolvers<void> | undefined;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#joins = options.cluster.lane();
    this.#heartbeats = options.cluster.lane();
    this.#metadata = encodeSubscription([options.topic], options.name);
  }

  /** The member in its generation, for commits. */
  get generation(): GroupGeneration {
    const { group } = this.#options;
    return { group, generation: this.#generation, memberId: this.#memberId };
  }

  /**
   * Whether the coordinator certainly counts this member among the group's. After a gap longer than
   * the session, such as a stopped process or a blocked event loop, it must say so again first. By a
   * clock that no one sets: a step of the machine's clock is no gap.
   */
  get isMember(): boolean {
    return clock.now() - this.#acknowledgedAt < SESSION_MS;
  }

  /** Whether the group may have had other members for its partitions since its last stay. */
  get hasMissedGenerations(): boolean {
    return this.#stayed !== -1 && this.#generation !== this.#stayed + 1;
  }

  /** Whether the coordinator has acknowledged a request that was sent after this time. */
  wasAcknowledgedAfter(time: number): boolean {
    return this.#acknowledgedAt > time;
  }

  /** Resolves when it is certain again whether this is a member; undefined where it is one. */
  certain(): Promise<void> | undefined {
    if (this.isMember) return undefined;
    return (this.#certain ??= Promise.withResolvers<void>()).promise;
  }

  /** Joins the group, and waits for this member's partitions of the topic; perhaps none. */
  async join(): Promise<readonly number[]> {
    const { group, signal } = this.#options;
    while (true) {
      const joined = await this.#parked("JoinGroup", {
        group,
        memberId: this.#memberId,
        sessionTimeoutMs: SESSION_MS,
        rebalanceTimeoutMs: REBALANCE_MS,
        protocols: Object.keys(ASSIGNORS).map((name) => ({ name, metadata: this.#metadata })),
      });
      if (joined.error === MEMBER_ID_REQUIRED) this.#memberId = joined.memberId;
      else if (isLost(joined.error)) this.#memberId = "";
      else if (joined.error !== REBALANCE_IN_PROGRESS) {
        this.#check("JoinGroup", joined);
        this.#memberId = joined.memberId;
        this.#generation = joined.generation;
        const partitions = await this.#sync(joined);
        if (partitions !== undefined) return partitions;
      }
      signal.throwIfAborted();
    }
  }

  /** Undefined where the group went on without this generation. */
  async #sync(joined: Answers["JoinGroup"]): Promise<readonly number[] | undefined> {
    const { topic } = this.#options;
    this.#leads = joined.leader === joined.memberId;
    const { assignments, partitionCount } = this.#leads
      ? await shareOut(joined, this.#options)
      : { assignments: [], partitionCount: 0 };
    this.#partitionCount = partitionCount;
    const sentAt = clock.now();
    const request = { ...this.generation, assignments };
    const synced = await this.#parked("SyncGroup", request);
    if (synced.error === REBALANCE_IN_PROGRESS) return undefined;
    if (isLost(synced.error)) {
      this.#memberId = "";
      return undefined;
    }
    this.#check("SyncGroup", synced);
    this.#acknowledge(sentAt);
    return decodeAssignment(synced.assignment).get(topic) ?? [];
  }

  /**
   * Keeps the session until the group changes. A coordinator that does not answer ends no
   * membership: only its word does, whenever it comes.
   */
  async stay(onFailure: (error: unknown) => void): Promise<StayEnd> {
    const { signal } = this.#options;
    this.#stayed = this.#generation;
    let waitMs = HEARTBEAT_MS;
    while (true) {
      await delay(waitMs, { signal, background: true });
      signal.throwIfAborted();
      const sentAt = clock.now();
      try {
        const code = await this.#heartbeat();
        if (code === REBALANCE_IN_PROGRESS) return "rebalance";
        if (isLost(code)) return this.#lose(code);
        // A late answer has used up a part of the session that it began.
        waitMs = Math.max(sentAt + HEARTBEAT_MS - clock.now(), 0);
        if (this.#leads && await this.#hasMorePartitions()) return "rebalance";
      } catch (error) {
        signal.throwIfAborted();
        waitMs = HEARTBEAT_AGAIN_MS;
        onFailure(error);
      }
    }
  }

  /** Heartbeats while partitions are given back: the session, and commits, need them. */
  async keepAlive(done: AbortSignal): Promise<void> {
    while (!done.aborted) {
      try {
        if (isLost(await this.#heartbeat())) return;
      } catch (error) {
        this.#options.logger.debug("a heartbeat failed during a rebalance", { error });
      }
      await delay(HEARTBEAT_MS, { signal: done, background: true });
    }
  }

  /** The error code, for those that a member expects; 0 where all is well. */
  async #heartbeat(): Promise<number> {
    const { cluster, group, signal } = this.#options;
    const sentAt = clock.now();
    try {
      const coordinator = await cluster.coordinator(group, { signal });
      const { generation } = this;
      const options = { signal, patience: this.#patience, atMostMs: this.#mostMs };
      const answer = await this.#heartbeats.send(coordinator, "Heartbeat", generation, options);
      const { error } = answer;
      if (error === 0 || error === REBALANCE_IN_PROGRESS) this.#acknowledge(sentAt);
      else if (!isLost(error)) this.#check("Heartbeat", answer);
      return error;
    } catch (error) {
      // It may have moved: the broker that was it may be the one that is gone.
      cluster.forgetCoordinator(group);
      throw error;
    }
  }

  /** Where the answer is lost, another heartbeat must still reach the coordinator in the session. */
  get #mostMs(): number {
    const leftMs = this.#acknowledgedAt + SESSION_MS - HEARTBEAT_MS - clock.now();
    return this.isMember ? Math.max(leftMs, HEARTBEAT_MS) : Infinity;
  }

  #acknowledge(sentAt: number): void {
    this.#acknowledgedAt = sentAt;
    if (!this.isMember) return;
    this.#certain?.resolve();
    this.#certain = undefined;
  }

  #lose(code: number): StayEnd {
    this.#acknowledgedAt = -Infinity;
    if (code !== ILLEGAL_GENERATION) this.#memberId = "";
    return "lost";
  }

  /** Of what is known: at the age of three seconds it is renewed in the background. */
  async #hasMorePartitions(): Promise<boolean> {
    const { cluster, topic, signal } = this.#options;
    const { partitions } = await cluster.topic(topic, { signal, purpose: "Fetch" });
    return partitions.length !== this.#partitionCount;
  }

  #parked<A extends "JoinGroup" | "SyncGroup">(
    api: A,
    request: Requests[A],
  ): Promise<Answers[A]> {
    const { cluster, signal } = this.#options;
    // What the leader sends ends the wait of all.
    const syncs = this.#leads ? undefined : "CompletingRebalance";
    return sendParked(api, request, {
      cluster,
      lane: this.#joins,
      questions: this.#heartbeats,
      parkedIn: api === "JoinGroup" ? "PreparingRebalance" : syncs,
      parkedMs: PARKED_MS,
      signal,
    });
  }

  #check(api: Api, answer: Item): void {
    const { cluster, group } = this.#options;
    if (errorCode(answer.error).refreshes === "coordinator") cluster.forgetCoordinator(group);
    throwFailure(api, `group ${group}`, answer);
  }

  /** Leaves the group: its partitions go to others now instead of when the session ends. */
  async leave(signal: AbortSignal): Promise<void> {
    if (this.#memberId === "") return;
    const { cluster, group } = this.#options;
    const coordinator = await cluster.coordinator(group, { signal });
    const request = { group, memberId: this.#memberId };
    const left = await this.#heartbeats.send(coordinator, "LeaveGroup", request, { signal });
    if (!isLost(left.error)) this.#check("LeaveGroup", left);
  }

  close(): void {
    this.#acknowledgedAt = -Infinity;
    this.#joins.close();
    this.#heartbeats.close();
  }
}
