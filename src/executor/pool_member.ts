// One sandbox of a pool: what it has run, and how many jobs it may take now.
import type { JobContext } from "./executor.ts";
import type { Sandbox, SandboxLoad } from "./sandbox.ts";

export interface MemberLimits {
  /** Jobs that it may have in flight. */
  readonly callsPerSandbox: number;
  /** Runs after which it is replaced. */
  readonly runsPerSandbox: number;
}

/**
 * A sandbox gets jobs ahead of its answers, the more the more it has answered, and none while it
 * computes: a window as of TCP's slow start. What computes is noticed by the jobs that it got, so
 * there should be few of them.
 */
export class Member {
  readonly sandbox: Sandbox;
  readonly #limits: MemberLimits;
  /** The latest job. */
  latest: JobContext | undefined;
  /** Whether its event loop has said nothing for long, with jobs before it. */
  isComputing = false;
  /** Whether what becomes of it is being found out. */
  isStopping = false;
  /** Answers, and whether there was a queue in it, when that was looked at last. */
  #looked: { readonly answers: number; readonly isQueued: boolean } | undefined;
  #runs = 0;
  #window = 1;
  #answers = 0;

  constructor(sandbox: Sandbox, limits: MemberLimits) {
    this.sandbox = sandbox;
    this.#limits = limits;
  }

  get load(): SandboxLoad {
    return this.sandbox.load;
  }

  get isIdle(): boolean {
    const { inFlight, unanswered } = this.load;
    return inFlight === 0 && unanswered === 0;
  }

  /** Whether it has run all that it may. */
  get isExhausted(): boolean {
    return this.#runs >= this.#limits.runsPerSandbox;
  }

  /** Jobs that it may get now. */
  get room(): number {
    if (this.isComputing || this.isStopping || !this.sandbox.usable) return 0;
    const { inFlight, unanswered } = this.load;
    return Math.min(
      this.#limits.callsPerSandbox - inFlight,
      this.#window - unanswered,
      this.#limits.runsPerSandbox - this.#runs,
    );
  }

  /** Notes a job that it gets. */
  begins(context: JobContext): void {
    if (this.load.unanswered === 0) this.#looked = undefined;
    this.latest = context;
    this.#runs++;
  }

  /** Whether it has answered since this was asked last. */
  hasAnswered(): boolean {
    const fresh = this.load.answers - this.#answers;
    if (fresh === 0) return false;
    this.#answers += fresh;
    this.isComputing = false;
    this.#window = Math.min(this.#limits.callsPerSandbox, this.#window + fresh);
    return true;
  }

  /** Looks at what it owes; asked at intervals. */
  look(): "fine" | "queued" | "silent" {
    const { answers, unanswered, inFlight } = this.load;
    const before = this.#looked;
    const isQueued = unanswered > 1 && inFlight > 1;
    this.#looked = unanswered === 0 ? undefined : { answers, isQueued };
    if (unanswered > 0 && before?.answers === answers) {
      this.isComputing = true;
      this.#window = 1;
      return "silent";
    }
    return isQueued && before?.isQueued ? "queued" : "fine";
  }
}
