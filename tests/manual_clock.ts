/**
 * A clock that a test moves.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { type Clock, useClock } from "../src/async/clock.ts";

interface Due {
  readonly at: number;
  readonly callback: () => void;
}

/** Time stands still until the test moves it. Disposing of it puts the machine's clock back. */
export class ManualClock implements Clock, Disposable {
  readonly #timers = new Set<Due>();
  readonly #restore: Disposable;
  #now = 0;

  constructor() {
    this.#restore = useClock(this);
  }

  now = (): number => this.#now;
  wallTime = (): number => 1_700_000_000_000 + this.#now;
  random = (): number => 0.5;
  id = (): string => crypto.randomUUID();

  timer(milliseconds: number, callback: () => void): { cancel(): void } {
    const due = { at: this.#now + milliseconds, callback };
    this.#timers.add(due);
    return { cancel: () => void this.#timers.delete(due) };
  }

  /** Moves time on, timer by timer; what each leads to happens before the next. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settle();
    while (true) {
      const next = [...this.#timers].sort((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settle();
    }
    this.#now = end;
  }

  /** Moves time without running any timer: the process stood still. */
  jump(milliseconds: number): void {
    this.#now += milliseconds;
  }

  [Symbol.dispose](): void {
    this.#restore[Symbol.dispose]();
  }
}

/** Lets everything happen that waits for no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
