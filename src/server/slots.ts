// Which calls may run now, which wait, and which need not wait.
import { clock } from "../async/clock.ts";
import { Deadlines } from "../async/deadlines.ts";

/** How a wait for a slot ended. */
export type SlotResult =
  /** The command may run; release the slot after it. */
  | "go"
  /** It could not start before its deadline, or would wait longer than it may. */
  | "shed"
  /** Its signal aborted. */
  | "aborted"
  /** A rebalance takes its partition: another server runs the command. */
  | "evicted";

/** Weight of the latest command in the typical duration of commands. */
const LATEST = 0.1;

interface Waiting {
  readonly priority: number;
  readonly expectedMs: number;
  readonly settle: (result: SlotResult) => void;
}

export interface SlotRequest {
  /** Name of the command: commands of one name take about as long as each other. */
  readonly command: string;
  /** Unix milliseconds until which the command must start. */
  readonly deadline: number;
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Those of the highest priority go first. */
  readonly policy: { readonly priority: number };
}

/** As many slots as commands may run at a time, and a queue before them. */
export class Slots {
  readonly #count: number;
  readonly #queue = new Set<Waiting>();
  readonly #deadlines = new Deadlines();
  readonly #typicalMs = new Map<string, number>();
  #busy = 0;
  /** Whether any call had one: without them the queue need not be looked through. */
  #hasPriorities = false;
  /** Time that those who wait will take, all together. */
  #queuedMs = 0;

  constructor(count: number) {
    this.#count = count;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Takes a slot, or waits for one, `queueMs` at most. No promise where it need not wait. */
  reserve(
    { command, deadline, signal, policy: { priority } }: SlotRequest,
    queueMs: number,
  ): SlotResult | Promise<SlotResult> {
    if (signal.aborted) return "aborted";
    if (this.#busy < this.#count) {
      this.#busy++;
      return "go";
    }
    const left = Math.min(deadline - clock.wallTime(), queueMs);
    // Those that wait already take their time first: a wait that must fail is not begun.
    if (this.#queuedMs / this.#count > left) return "shed";
    const { promise, resolve } = Promise.withResolvers<SlotResult>();
    const expectedMs = this.#typicalMs.get(command) ?? 0;
    const waiting: Waiting = {
      priority,
      expectedMs,
      settle: (result) => {
        // The timer, the signal and a free slot may all come: the first one counts.
        if (!this.#queue.delete(waiting)) return;
        this.#queuedMs -= expectedMs;
        timer.cancel();
        signal.removeEventListener("abort", abort);
        resolve(result);
      },
    };
    this.#queue.add(waiting);
    if (priority !== 0) this.#hasPriorities = true;
    this.#queuedMs += expectedMs;
    const abort = () => waiting.settle("aborted");
    const timer = this.#deadlines.set(left, () => waiting.settle("shed"));
    signal.addEventListener("abort", abort, { once: true });
    return promise;
  }

  /** Gives a slot back, to the next that waits; with how long its command ran, if one did. */
  release(ran?: { readonly command: string; readonly tookMs: number }): void {
    if (ran !== undefined) {
      const { command, tookMs } = ran;
      // From nothing: one slow run, such as the first one, must not refuse those that would make it.
      const typical = this.#typicalMs.get(command) ?? 0;
      this.#typicalMs.set(command, typical + (tookMs - typical) * LATEST);
    }
    const next = this.#next();
    if (next === undefined) this.#busy--;
    else next.settle("go");
  }

  /** The first of those with the highest priority. */
  #next(): Waiting | undefined {
    let [best] = this.#queue;
    if (!this.#hasPriorities) return best;
    for (const waiting of this.#queue) if (waiting.priority > best!.priority) best = waiting;
    return best;
  }

  /** Ends every wait: another server gets the partitions. */
  evict(): void {
    for (const waiting of [...this.#queue]) waiting.settle("evicted");
  }
}
