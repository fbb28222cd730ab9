// When offsets are committed, and committed once more.
import { clock } from "../async/clock.ts";
import type { Logger } from "../logging/logger.ts";
import type { Consumption } from "../transport/transport.ts";
import type { Offsets } from "./offsets.ts";

/**
 * So long after a commit that failed all is committed once more, then after twice that, and so on:
 * as TCP sends again. What a dead connection still held may reach the broker after a later commit,
 * and takes that one back.
 */
const FIRST_REPEAT_MS = 2_000;
/** After this one nothing is expected from the old connection. */
const LAST_REPEAT_MS = 64_000;

export interface CommitsOptions {
  readonly offsets: Offsets;
  /** Undefined before the group is joined. */
  readonly consumption: () => Pick<Consumption, "commit"> | undefined;
  readonly logger: Logger;
}

/** Commits what is finished, one commit at a time, so that an older one never comes last. */
export class Commits {
  readonly #options: CommitsOptions;
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  /** While a commit that failed may still be handled. */
  #repeat: { at: number; waitMs: number } | undefined;

  constructor(options: CommitsOptions) {
    this.#options = options;
  }

  /** Calls during a commit share the one after it. */
  commit(): Promise<void> {
    return this.#next ??= this.#current.then(() => {
      this.#next = undefined;
      return this.#current = this.#commit();
    });
  }

  async #commit(): Promise<void> {
    const { offsets, consumption, logger } = this.#options;
    const group = consumption();
    const isRepeat = this.#repeat !== undefined && this.#repeat.at <= clock.now();
    const committable = offsets.committable({ again: isRepeat });
    if (group === undefined || committable.size === 0) return;
    try {
      await group.commit(committable);
      offsets.commit(committable);
      if (isRepeat) this.#repeated();
    } catch (error) {
      offsets.doubt();
      this.#repeat = { at: clock.now() + FIRST_REPEAT_MS, waitMs: FIRST_REPEAT_MS };
      // The group rebalances, or no broker answers: the next round commits it.
      logger.debug("offsets are not committed yet", { error });
    }
  }

  #repeated(): void {
    const waitMs = this.#repeat!.waitMs * 2;
    this.#repeat = waitMs > LAST_REPEAT_MS ? undefined : { at: clock.now() + waitMs, waitMs };
    if (this.#repeat === undefined) this.#options.offsets.trust();
  }
}
