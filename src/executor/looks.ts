// Looks at sandboxes that owe an answer: what computes says nothing.
import { clock, type Timer } from "../async/clock.ts";
import type { Member } from "./pool_member.ts";

/** Interval between two looks, in milliseconds. */
const LOOK_MS = 5;

export interface LooksOptions {
  readonly members: () => readonly Member[];
  /** Whether a sandbox is idle, and no job waits for one. */
  readonly isOpen: () => boolean;
}

/** Takes jobs back from sandboxes that compute, and from queues where another one is idle. */
export class Looks {
  readonly #options: LooksOptions;
  #timer: Timer | undefined;

  constructor(options: LooksOptions) {
    this.#options = options;
  }

  /** Has them looked at until none owes anything. */
  later(): void {
    this.#timer ??= clock.timer(LOOK_MS, () => {
      this.#timer = undefined;
      this.#look();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    const isOpen = this.#options.isOpen();
    for (const member of this.#options.members()) {
      if (member.isComputing || member.load.unanswered === 0) continue;
      const state = member.look();
      if (state === "silent" || state === "queued" && isOpen) void member.sandbox.takeBack();
      if (!member.isComputing) this.later();
    }
  }
}
