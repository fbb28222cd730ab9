/**
 * Whether any member of a group is there.
 *
 * @module
 */
import { LogThrottle } from "../log_throttle.ts";
import type { Logger } from "../logger.ts";
import type { KafkaCluster } from "./cluster.ts";
import { judge, throwFailure } from "./errors.ts";
import { type Answers, ConnectionFailed } from "./port.ts";
import { untilStarted } from "./start.ts";

/** A new cluster makes its first coordinator when it is asked, and needs a moment for that. */
const ANSWER_MS = 2_000;
/** Minimum interval between log lines about the same refusal. */
const WARN_INTERVAL_MS = 600_000;

const GROUP_ID_NOT_FOUND = 69;

/** What a {@linkcode GroupPresence} needs. */
export interface PresenceParts {
  readonly cluster: KafkaCluster;
  readonly logger: Logger;
  readonly closing: AbortSignal;
}

/** Asks coordinators about the members of groups. */
export class GroupPresence {
  readonly #parts: PresenceParts;
  readonly #refusals: LogThrottle;

  /**
   * Creates it.
   *
   * @param parts What it needs.
   */
  constructor(parts: PresenceParts) {
    this.#parts = parts;
    this.#refusals = new LogThrottle(parts.logger, { intervalMs: WARN_INTERVAL_MS });
  }

  /**
   * Says whether a group has a member, of either group protocol.
   *
   * @param group The group.
   * @returns Undefined where that can't be found out: the ACLs of the cluster forbid the question,
   * or no broker answers it.
   */
  async isLive(group: string): Promise<boolean | undefined> {
    const { closing, logger } = this.#parts;
    try {
      return await untilStarted((signal) => this.#ask(group, signal), {
        what: `describe the group ${group}`,
        timeoutMs: ANSWER_MS,
        closing,
      });
    } catch (error) {
      const reason = (error as Error).cause ?? error;
      const lasts = judge(reason, "running").kind !== "outage";
      const fields = { group, error };
      if (lasts && !closing.aborted) {
        this.#refusals.log("whether a server listens is unknown", fields);
      } else logger.debug("whether a server listens cannot be found out", fields);
      return undefined;
    }
  }

  async #ask(group: string, signal: AbortSignal): Promise<boolean> {
    const { cluster } = this.#parts;
    try {
      const classic = await this.#describe("DescribeGroups", group, signal);
      // It calls groups of KIP-848 dead.
      return classic || await this.#describe("ConsumerGroupDescribe", group, signal);
    } catch (failure) {
      if (judge(failure, "running").refreshes !== undefined) cluster.forgetCoordinator(group);
      throw failure;
    }
  }

  async #describe(
    api: "DescribeGroups" | "ConsumerGroupDescribe",
    group: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { cluster } = this.#parts;
    const coordinator = await cluster.coordinator(group, { signal, purpose: api });
    let answer: Answers[typeof api];
    try {
      answer = await cluster.questions.send(coordinator, api, { groups: [group] }, { signal });
    } catch (error) {
      const isOld = error instanceof ConnectionFailed && error.kind === "unsupported";
      if (isOld && api === "ConsumerGroupDescribe") return false;
      throw error;
    }
    const found = answer.groups.find((one) => one.group === group);
    if (found === undefined || found.error === GROUP_ID_NOT_FOUND) return false;
    throwFailure(api, `group ${group}`, found);
    return found.members > 0 || !["Empty", "Dead"].includes(found.state);
  }

  /** Writes what its log still has. */
  close(): void {
    this.#refusals.close();
  }
}
