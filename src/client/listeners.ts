/**
 * Whether any server listens.
 *
 * @module
 */
import { within } from "../transport/bounded.ts";
import { RpcError } from "../wire/errors.ts";

/** How long an answer holds, in milliseconds. */
const FRESH_MS = 1_000;
/**
 * Longest wait for the cluster's answer, in milliseconds. It takes a few, but for a new cluster,
 * which makes its first coordinator when it is asked: there most clients wait for a server in vain.
 */
const ANSWER_MS = 2_000;
/** How long servers may take to join again after an outage, in milliseconds: a session and a little. */
const REJOIN_MS = 10_000;

/**
 * Knows whether the consumer group of the servers has a member. A reply says
 * so too; the cluster is asked only when none came for a second.
 */
export class Listeners {
  readonly #group: string;
  readonly #ask: (group: string) => Promise<boolean | undefined>;
  #heardAt = -Infinity;
  #asking: Promise<boolean> | undefined;

  /**
   * Creates it.
   *
   * @param group The group of the servers.
   * @param ask Asks the cluster; undefined is "can't be found out".
   */
  constructor(group: string, ask: (group: string) => Promise<boolean | undefined>) {
    this.#group = group;
    this.#ask = ask;
  }

  /** Notes that a server has answered. */
  heard(): void {
    this.#heardAt = Math.max(this.#heardAt, performance.now());
  }

  /**
   * Notes that brokers were out of reach, perhaps for the servers too: their group may be empty
   * for a moment though they are there, and a call that is sent now is answered then.
   */
  outage(): void {
    this.#heardAt = Math.max(this.#heardAt, performance.now() + REJOIN_MS - FRESH_MS);
  }

  /**
   * Finds out whether a server listens.
   *
   * @returns True where one did lately, so that nobody need wait; else a promise.
   */
  live(): true | Promise<boolean> {
    if (performance.now() - this.#heardAt < FRESH_MS) return true;
    this.#asking ??= this.#describe().finally(() => this.#asking = undefined);
    return this.#asking;
  }

  async #describe(): Promise<boolean> {
    // Where it can't be found out, or not in time, the call simply goes on.
    const live = await within(this.#ask(this.#group), ANSWER_MS) ?? true;
    if (live) this.heard();
    return live;
  }

  /** The error of a call that nobody would take. */
  error(command: string, topic: string): RpcError {
    return new RpcError(
      "unavailable",
      `Cannot call "${command}": no server listens on ${topic}: the consumer group ` +
        `${this.#group} has no member. Start a server, or set \`waitForServer\` to wait for one. ` +
        "If the servers use another group, give its name as `group`.",
      { command, stage: "request" },
    );
  }
}
