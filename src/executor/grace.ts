// The time that a command has to settle after its signal aborted.
import { clock, type Timer } from "../async/clock.ts";

/** In milliseconds. */
const GRACE_MS = 100;

/** How late its timer may be, in milliseconds. */
const LATE_MS = 25;

/** How often it begins anew where its timer was later than that. */
const MOST_RENEWALS = 20;

/**
 * One such time. A machine that lets this thread wait lets a sandbox wait as well, which must not be
 * taken for one that computes: where the timer was late, the time begins anew.
 */
export class Grace {
  #timer: Timer | undefined;

  /** Calls back when it is over. */
  begin(onOver: () => void, renewals = MOST_RENEWALS): void {
    const dueAt = clock.now() + GRACE_MS;
    this.#timer = clock.timer(GRACE_MS, () => {
      const isLate = clock.now() - dueAt > LATE_MS;
      if (isLate && renewals > 0) this.begin(onOver, renewals - 1);
      else onOver();
    });
  }

  /** The command has settled. */
  end(): void {
    this.#timer?.cancel();
  }
}
