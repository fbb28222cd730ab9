// Jobs of a pool that no sandbox has yet.
import type { Outcome } from "../wire/outcome.ts";
import type { Job, Turn } from "./executor.ts";

/** A job and the one who waits for its outcome. */
export interface PendingJob {
  readonly job: Job;
  readonly signal: AbortSignal;
  readonly turn?: Turn | undefined;
  /** Settles the job; once. */
  readonly answer: (outcome: Outcome) => void;
}

/** First come, first served; those that a sandbox gave back come before the others. */
export class JobQueue {
  readonly #returned = new Map<PendingJob, () => void>();
  readonly #waiting = new Map<PendingJob, () => void>();
  readonly #expired: (job: PendingJob) => void;

  /** `expired` takes a job whose signal aborts while it waits. */
  constructor(expired: (job: PendingJob) => void) {
    this.#expired = expired;
  }

  get size(): number {
    return this.#returned.size + this.#waiting.size;
  }

  add(job: PendingJob, isReturned: boolean): void {
    const queue = isReturned ? this.#returned : this.#waiting;
    const abort = () => {
      queue.delete(job);
      this.#expired(job);
    };
    job.signal.addEventListener("abort", abort, { once: true });
    queue.set(job, () => job.signal.removeEventListener("abort", abort));
  }

  /** Every job goes as one whose signal aborts. */
  dismiss(): void {
    for (let next = this.shift(); next !== undefined; next = this.shift()) this.#expired(next);
  }

  /** Takes the first one. */
  shift(): PendingJob | undefined {
    for (const queue of [this.#returned, this.#waiting]) {
      for (const [job, forget] of queue) {
        queue.delete(job);
        forget();
        return job;
      }
    }
    return undefined;
  }
}
