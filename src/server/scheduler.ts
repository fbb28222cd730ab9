// Which calls may run now.
import { clock } from "../async/clock.ts";
import { withDeadline } from "../async/deadline.ts";
import type { Logger } from "../logging/logger.ts";
import type { CommandPolicies } from "./command_policies.ts";
import type { IncomingCall } from "./incoming_call.ts";
import type { ServerSettings } from "./settings.ts";
import { type Confirm, type SlotResult, Slots, type SlotTaker } from "./slots.ts";

export interface SchedulerOptions {
  readonly settings: Pick<ServerSettings, "concurrency" | "expressions">;
  readonly policies: Pick<CommandPolicies, "limited">;
  readonly isExpression: (command: string) => boolean;
  /** Resolves when it is certain whose the partitions are; undefined: this server's. */
  readonly certain: () => Promise<void> | undefined;
  readonly logger: Logger;
}

/** Slots for commands, given out only while the server is certain of its partitions. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #slots: Slots;
  /** Of their own: expressions that never end must not keep commands from running. */
  readonly #expressionSlots: Slots;
  /** Of commands with a limit of their own: their calls wait here first. */
  readonly #own = new Map<string, Slots>();
  #evicted = Promise.withResolvers<"evicted">();

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const { settings: { concurrency, expressions }, policies } = options;
    for (const [command, most] of policies.limited) this.#own.set(command, new Slots(most));
    this.#slots = new Slots(concurrency, this.#confirm);
    this.#expressionSlots = new Slots(expressions, this.#confirm);
  }

  /** Waits for a slot; after "go" it must be released. `end` is called at once where one is free. */
  reserve(call: IncomingCall, end: SlotTaker): void {
    const own = this.#ownSlots(call);
    const queueMs = call.oneWay ? Infinity : call.policy.queueMs;
    const slots = this.#slotsOf(call);
    if (own === undefined) return slots.reserve(call, queueMs, end);
    const came = clock.now();
    const keep = (result: SlotResult) => {
      if (result !== "go") own.release();
      end(result);
    };
    own.reserve(call, queueMs, (result) => {
      if (result !== "go") return end(result);
      slots.reserve(call, Math.max(0, queueMs - (clock.now() - came)), keep);
    });
  }

  /** Gives a slot back; without a time, no command ran in it. */
  release(call: IncomingCall, tookMs?: number): void {
    const { command } = call;
    const ran = tookMs === undefined ? undefined : { command, tookMs };
    this.#slotsOf(call).release(ran);
    this.#ownSlots(call)?.release(ran);
  }

  /** Ends every wait: another server has the partitions from now on. */
  evict(): void {
    for (const own of this.#own.values()) own.evict();
    this.#slots.evict();
    this.#expressionSlots.evict();
    this.#evicted.resolve("evicted");
    this.#evicted = Promise.withResolvers();
  }

  #ownSlots({ command, policy }: IncomingCall): Slots | undefined {
    return policy.concurrency === undefined ? undefined : this.#own.get(command);
  }

  #slotsOf({ command }: IncomingCall): Slots {
    return this.#options.isExpression(command) ? this.#expressionSlots : this.#slots;
  }

  readonly #confirm: Confirm = ({ ending }) =>
    this.#options.certain() === undefined ? undefined : this.#certain(ending.signal);

  /**
   * Waits until the group says whether this server still has its partitions: after it stood still,
   * another one may have answered what waits here.
   */
  async #certain(signal: AbortSignal): Promise<SlotResult> {
    const evicted = this.#evicted.promise;
    const { certain, logger } = this.#options;
    for (let wait = certain(); wait !== undefined; wait = certain()) {
      const either = Promise.race([wait.then(() => "go" as const), evicted]);
      const ended = await withDeadline(either, { signal }).catch((error) => {
        if (signal.aborted) return "aborted";
        logger.error("whose the partition is cannot be found out: its call is not run", { error });
        return "evicted";
      });
      if (ended !== "go") return ended;
    }
    return "go";
  }
}
