// Which calls may run now, which wait, and which need not wait.
import { clock } from "../async/clock.ts";
import { Deadlines, Timed } from "../async/deadlines.ts";
import type { Ending, Interruptible } from "./ending.ts";

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

export interface SlotRequest {
  /** Name of the command: commands of one name take about as long as each other. */
  readonly command: string;
  /** Unix milliseconds until which the command must start. */
  readonly deadline: number;
  /** Its abort ends the wait. */
  readonly ending: Pick<Ending, "aborted" | "interrupts" | "signal">;
  /** Those of the highest priority go first. */
  readonly policy: { readonly priority: number };
}

/** Says how a wait ends whose turn has come; undefined: at once, with "go". */
export type Confirm = (request: SlotRequest) => Promise<SlotResult> | undefined;

/** Called with how a wait ended. */
export type SlotTaker = (result: SlotResult) => void;

/** A call that waits: one object, without a promise, a closure or a listener of its own. */
class Waiting extends Timed implements Interruptible {
  readonly #slots: Slots;
  readonly request: SlotRequest;
  /** How long its command will take. */
  readonly expectedMs: number;
  readonly end: SlotTaker;

  constructor(slots: Slots, parts: Pick<Waiting, "request" | "expectedMs" | "end">) {
    super();
    this.#slots = slots;
    this.request = parts.request;
    this.expectedMs = parts.expectedMs;
    this.end = parts.end;
  }

  onOver(): void {
    this.#slots.settle(this, "shed");
  }

  interrupt(): void {
    this.#slots.settle(this, "aborted");
  }
}

/** As many slots as commands may run at a time, and a queue before them. */
export class Slots {
  readonly #count: number;
  readonly #confirm: Confirm | undefined;
  readonly #queue = new Set<Waiting>();
  readonly #deadlines = new Deadlines();
  readonly #typicalMs = new Map<string, number>();
  #busy = 0;
  /** Whether free slots are being given out, further up the stack. */
  #givesOut = false;
  /** Whether any call had one: without them the queue need not be looked through. */
  #hasPriorities = false;
  /** Time that those who wait will take, all together. */
  #queuedMs = 0;

  /** `confirm` is asked before a slot is given out. */
  constructor(count: number, confirm?: Confirm) {
    this.#count = count;
    this.#confirm = confirm;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Takes a slot, or waits for one, `queueMs` at most. `end` is called at once where it need not wait. */
  reserve(request: SlotRequest, queueMs: number, end: SlotTaker): void {
    const { command, deadline, ending, policy: { priority } } = request;
    if (ending.aborted) return end("aborted");
    // Those that wait come first, also while slots are given out.
    if (this.#busy < this.#count && this.#queue.size === 0) {
      this.#busy++;
      return this.#go(request, end);
    }
    const left = Math.min(deadline - clock.wallTime(), queueMs);
    // Those that wait already take their time first: a wait that must fail is not begun.
    if (this.#queuedMs / this.#count > left) return end("shed");
    const expectedMs = this.#typicalMs.get(command) ?? 0;
    const waiting = new Waiting(this, { request, expectedMs, end });
    this.#queue.add(waiting);
    if (priority !== 0) this.#hasPriorities = true;
    this.#queuedMs += expectedMs;
    this.#deadlines.set(waiting, left);
    ending.interrupts(waiting);
  }

  /** Ends a wait; its deadline, an abort and a free slot may all come: the first one counts. */
  settle(waiting: Waiting, result: SlotResult): void {
    if (!this.#queue.delete(waiting)) return;
    this.#queuedMs -= waiting.expectedMs;
    this.#deadlines.cancel(waiting);
    waiting.request.ending.interrupts(undefined);
    if (result === "go") this.#go(waiting.request, waiting.end);
    else waiting.end(result);
  }

  #go(request: SlotRequest, end: SlotTaker): void {
    const confirming = this.#confirm?.(request);
    if (confirming === undefined) return end("go");
    void confirming.then((confirmed) => {
      if (confirmed !== "go") this.release();
      end(confirmed);
    });
  }

  /** Gives a slot back, to the next that waits; with how long its command ran, if one did. */
  release(ran?: { readonly command: string; readonly tookMs: number }): void {
    if (ran !== undefined) {
      const { command, tookMs } = ran;
      // From nothing: one slow run, such as the first one, must not refuse those that would make it.
      const typical = this.#typicalMs.get(command) ?? 0;
      this.#typicalMs.set(command, typical + (tookMs - typical) * LATEST);
    }
    this.#busy--;
    this.#giveOut();
  }

  /**
   * A loop, which takes back what it gave out: after the process stood still, the deadlines of
   * thousands are over, and each of them gives its slot back before this goes on.
   */
  #giveOut(): void {
    if (this.#givesOut) return;
    this.#givesOut = true;
    try {
      while (this.#busy < this.#count) {
        const next = this.#next();
        if (next === undefined) break;
        this.#busy++;
        this.settle(next, "go");
      }
    } finally {
      this.#givesOut = false;
    }
  }

  /** The first of those with the highest priority. */
  #next(): Waiting | undefined {
    let [best] = this.#queue;
    if (!this.#hasPriorities) return best;
    for (const waiting of this.#queue) {
      if (waiting.request.policy.priority > best!.request.policy.priority) best = waiting;
    }
    return best;
  }

  /** Ends every wait: another server gets the partitions. */
  evict(): void {
    for (const waiting of [...this.#queue]) this.settle(waiting, "evicted");
  }
}
