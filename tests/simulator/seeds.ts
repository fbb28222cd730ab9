/**
 * Many simulations, side by side in workers: each has a clock of its own.
 *
 * @module
 */
import type { RunReport } from "./simulation.ts";

/** What a run showed, without its events. */
export type SeedReport = Omit<RunReport, "events">;

/** What a worker is asked for. */
export interface SeedRequest {
  readonly seed: number;
  readonly streams: number;
}

/** Which seeds, and how many of them at a time. */
export interface SeedsOptions {
  readonly first?: number;
  readonly count: number;
  /** Streams of each client. Default: none. */
  readonly streams?: number;
  /** Default: one for each core. */
  readonly workers?: number;
  /** Called with each report, in the order of the ends. */
  readonly onReport?: (report: SeedReport) => void;
  /** Ends it: what runs is finished. */
  readonly signal?: AbortSignal;
}

/**
 * Runs simulations.
 *
 * @param options Which.
 * @returns What they showed, in the order of the seeds.
 */
export async function runSeeds(options: SeedsOptions): Promise<SeedReport[]> {
  const { first = 1, count, streams = 0, onReport, signal } = options;
  const { workers = navigator.hardwareConcurrency } = options;
  const reports: SeedReport[] = [];
  let next = first;
  const work = async () => {
    using worker = new SeedWorker();
    while (next < first + count && !signal?.aborted) {
      const report = await worker.run({ seed: next++, streams });
      reports.push(report);
      onReport?.(report);
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, count) }, work));
  return reports.sort((a, b) => a.seed - b.seed);
}

/** How often each mishap met each request, in all runs. */
export function metIn(reports: readonly SeedReport[]): Map<string, number> {
  const met = new Map<string, number>();
  for (const [name, times] of reports.flatMap((report) => [...report.met])) {
    met.set(name, (met.get(name) ?? 0) + times);
  }
  return met;
}

class SeedWorker implements Disposable {
  readonly #worker = new Worker(new URL("./seed_worker.ts", import.meta.url), { type: "module" });

  run(request: SeedRequest): Promise<SeedReport> {
    const { promise, resolve, reject } = Promise.withResolvers<SeedReport>();
    this.#worker.onmessage = ({ data }: MessageEvent<SeedReport>) => resolve(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot run seed ${request.seed}: ${event.message}`));
    };
    this.#worker.postMessage(request);
    return promise;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
