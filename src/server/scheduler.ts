// Which calls may run now.
import { withDeadline } from "../async/deadline.ts";
import type { Logger } from "../logging/logger.ts";
import type { Call } from "../pipeline/call.ts";
import type { ServerSettings } from "./settings.ts";
import { type SlotResult, Slots } from "./slots.ts";

export interface SchedulerOptions {
  readonly settings: Pick<ServerSettings, "concurrency" | "expressions" | "limits">;
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
  #evicted = Promise.withResolvers<"evicted">();

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const { concurrency, expressions, limits } = options.settings;
    this.#slots = new Slots(concurrency, limits.queueMs);
    this.#expressionSlots = new Slots(expressions, limits.queueMs);
  }

  /** Waits for a slot; after "go" it must be released. */
  reserve(call: Call): SlotResult | Promise<SlotResult> {
    const slots = this.#slotsOf(call.command);
    const confirm = (result: SlotResult): SlotResult | Promise<SlotResult> => {
      if (result !== "go" || this.#options.certain() === undefined) return result;
      return this.#confirm(call.signal).then((confirmed) => {
        if (confirmed !== "go") slots.release();
        return confirmed;
      });
    };
    const reserved = slots.reserve(call, call.oneWay ? Infinity : undefined);
    return typeof reserved === "string" ? confirm(reserved) : reserved.then(confirm);
  }

  /** Gives a slot back; without a time, no command ran in it. */
  release(command: string, tookMs?: number): void {
    this.#slotsOf(command).release(tookMs === undefined ? undefined : { command, tookMs });
  }

  /** Ends every wait: another server has the partitions from now on. */
  evict(): void {
    this.#slots.evict();
    this.#expressionSlots.evict();
    this.#evicted.resolve("evicted");
    this.#evicted = Promise.withResolvers();
  }

  #slotsOf(command: string): Slots {
    return this.#options.isExpression(command) ? this.#expressionSlots : this.#slots;
  }

  /**
   * Waits until the group says whether this server still has its partitions: after it stood still,
   * another one may have answered what waits here.
   */
  async #confirm(signal: AbortSignal): Promise<SlotResult> {
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
