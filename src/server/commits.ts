// When offsets are committed, and committed once more.
import { clock, type Timer } from "../async/clock.ts";
import type { Logger } from "../logging/logger.ts";
import type { Consumption } from "../transport/transport.ts";
import type { Offsets } from "./offsets.ts";

/** Milliseconds between commits; after a crash, what was answered since the last one comes again. */
const COMMIT_MS = 200;

/** Rounds since the last change of offsets after which there are none until the next one. */
const LAST_ROUNDS = 10;

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

  /** When the rounds began; undefined before that, and after their end. */
  #beganAt: number | undefined;
  #timer: Timer | undefined;
  /** Rounds until it rests. */
  #rounds = LAST_ROUNDS;

  constructor(options: CommitsOptions) {
    this.#options = options;
  }

  /** Begins the rounds. */
  begin(): void {
    this.#beganAt = clock.now();
    this.later();
  }

  /**
   * Notes that there may be something to commit, in the next round. None goes on where there is not: it
   * would take an eighth of the processor time of a server that nobody calls.
   */
  later(): void {
    this.#rounds = LAST_ROUNDS;
    if (this.#beganAt !== undefined) this.#timer ??= this.#round(this.#beganAt);
  }

  /** In steps from when they began, also after a rest. */
  #round(beganAt: number): Timer {
    const left = COMMIT_MS - (clock.now() - beganAt) % COMMIT_MS;
    return clock.timer(left, () => {
      const now = this.#beganAt = clock.now();
      const isLast = --this.#rounds <= 0 && this.#repeat === undefined;
      this.#timer = isLast ? undefined : this.#round(now);
      void this.commit();
    });
  }

  /** Ends the rounds. */
  stop(): void {
    this.#beganAt = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
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
      this.later();
    }
  }

  #repeated(): void {
    const waitMs = this.#repeat!.waitMs * 2;
    this.#repeat = waitMs > LAST_REPEAT_MS ? undefined : { at: clock.now() + waitMs, waitMs };
    if (this.#repeat === undefined) this.#options.offsets.trust();
  }
}
