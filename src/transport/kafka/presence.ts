// Whether a topic is consumed for a group.
import { clock } from "../../async/clock.ts";
import { LogThrottle } from "../../logging/log_throttle.ts";
import type { Bounds } from "../transport.ts";
import type { TopicMetadata, TransportParts } from "./cluster.ts";
import { offsetsOf } from "./committed.ts";
import { askCoordinator } from "./coordinator.ts";
import { GROUP_ID_NOT_FOUND, UNKNOWN_TOPIC, UNSUPPORTED_VERSION } from "./error_codes.ts";
import { judge, KafkaFailure, throwFailure } from "./errors.ts";
import { decodeName } from "./group/consumer_protocol.ts";
import { type Answers, ConnectionFailed, type GroupsAnswer } from "./port.ts";

const WARN_INTERVAL_MS = 600_000;

/** For so long a committed offset that has moved shows that records are consumed. */
const MOVED_MS = 10_000;

interface GroupOnTopic {
  readonly group: string;
  readonly topic: string;
}

/** What is committed for a topic by a group. */
interface Committed {
  /** Sum of the offsets of all partitions. */
  readonly total: bigint;
  readonly at: number;
  /** When it was last seen to have moved. */
  readonly movedAt: number;
}

function namesOf(
  { members, metadata }: GroupsAnswer["groups"][number],
): readonly (string | undefined)[] {
  return metadata?.map(decodeName) ?? Array.from({ length: members }, () => undefined);
}

export class GroupPresence {
  readonly #parts: TransportParts;
  readonly #committed = new Map<string, Committed>();
  readonly #refusals: LogThrottle;

  constructor(parts: TransportParts) {
    this.#parts = parts;
    this.#refusals = new LogThrottle(parts.logger, { intervalMs: WARN_INTERVAL_MS });
  }

  /**
   * Says whether a group has a member, of either group protocol, or commits without one, as those do
   * that choose their partitions themselves (`assign()`). Undefined where that can't be found out:
   * the ACLs of the cluster forbid the question, or no broker answers it.
   */
  async isLive(
    group: string,
    topic: string,
    bounds: Bounds = {},
  ): Promise<boolean | undefined> {
    const { closing, logger } = this.#parts;
    try {
      return await this.#ask(group, (signal) => this.#isLive({ group, topic }, signal), bounds);
    } catch (error) {
      bounds.signal?.throwIfAborted();
      const reason = (error as Error).cause ?? error;
      const lasts = judge(reason, "running").kind !== "outage";
      const fields = { group, error };
      if (lasts && !closing.aborted) {
        this.#refusals.log("whether a server listens is unknown", fields);
      } else logger.debug("whether a server listens cannot be found out", fields);
      return undefined;
    }
  }

  /** Names of the members of a group; undefined where they can't be found out. */
  async members(
    group: string,
    bounds: Bounds = {},
  ): Promise<readonly (string | undefined)[] | undefined> {
    try {
      return await this.#ask(group, async (signal) => {
        const classic = await this.#found("DescribeGroups", group, signal);
        if (classic !== undefined && classic.members > 0) return namesOf(classic);
        const found = await this.#found("ConsumerGroupDescribe", group, signal);
        return found === undefined ? [] : namesOf(found);
      }, bounds);
    } catch (error) {
      bounds.signal?.throwIfAborted();
      this.#parts.logger.debug("the members of a group cannot be found out", { group, error });
      return undefined;
    }
  }

  #ask<T>(
    group: string,
    ask: (signal: AbortSignal) => Promise<T>,
    bounds: Bounds,
  ): Promise<T> {
    const asked = { ...bounds, group, what: `describe the group ${group}` };
    return askCoordinator(this.#parts, asked, ask);
  }

  async #isLive(asked: GroupOnTopic, signal: AbortSignal): Promise<boolean> {
    const { group } = asked;
    // It calls groups of KIP-848 dead.
    const classic = await this.#describe("DescribeGroups", group, signal);
    if (classic || await this.#describe("ConsumerGroupDescribe", group, signal)) return true;
    return await this.#moves(asked, signal);
  }

  async #describe(
    api: "DescribeGroups" | "ConsumerGroupDescribe",
    group: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const found = await this.#found(api, group, signal);
    return found !== undefined && (found.members > 0 || !["Empty", "Dead"].includes(found.state));
  }

  /** Undefined where there is no such group. */
  async #found(
    api: "DescribeGroups" | "ConsumerGroupDescribe",
    group: string,
    signal: AbortSignal,
  ): Promise<GroupsAnswer["groups"][number] | undefined> {
    const { cluster } = this.#parts;
    const coordinator = await cluster.coordinator(group, { signal, purpose: api });
    let answer: Answers[typeof api];
    try {
      answer = await cluster.questions.send(coordinator, api, { groups: [group] }, { signal });
    } catch (error) {
      const isOld = error instanceof ConnectionFailed && error.kind === "unsupported";
      if (isOld && api === "ConsumerGroupDescribe") return undefined;
      throw error;
    }
    const found = answer.groups.find((one) => one.group === group);
    if (found === undefined || found.error === GROUP_ID_NOT_FOUND) return undefined;
    // A broker that offers the request may have such groups switched off, as 3.9 has by default.
    if (api === "ConsumerGroupDescribe" && found.error === UNSUPPORTED_VERSION) return undefined;
    throwFailure(api, `group ${group}`, found);
    return found;
  }

  /** Whether what is committed has moved since it was last asked, or a moment before. */
  async #moves({ group, topic }: GroupOnTopic, signal: AbortSignal): Promise<boolean> {
    const found = await this.#partitions(topic, signal);
    if (found.length === 0) return false;
    const partitions = found.map(({ partition }) => ({ topic, partition }));
    const offsets = await offsetsOf(this.#parts.cluster, { group, partitions }, signal);
    const total = offsets.reduce((sum, offset) => sum + offset, 0n);
    const key = JSON.stringify([group, topic]);
    const now = clock.now();
    const before = this.#committed.get(key) ?? { total, at: now, movedAt: -Infinity };
    // What moved longer ago may have been a server that is gone.
    const moves = total > before.total && now - before.at < MOVED_MS;
    const movedAt = moves ? now : before.movedAt;
    this.#committed.set(key, { total, at: now, movedAt });
    return now - movedAt < MOVED_MS;
  }

  /** None where the topic is not there. */
  async #partitions(
    topic: string,
    signal: AbortSignal,
  ): Promise<TopicMetadata["partitions"]> {
    try {
      const found = await this.#parts.cluster.topic(topic, { signal, purpose: "Produce" });
      return found.partitions;
    } catch (failure) {
      if (failure instanceof KafkaFailure && failure.code === UNKNOWN_TOPIC) return [];
      throw failure;
    }
  }

  close(): void {
    this.#refusals.close();
  }
}
