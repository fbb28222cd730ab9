/**
 * Runs the simulations that it is asked for, in a worker.
 *
 * @module
 */
import type { SeedRequest } from "./seeds.ts";
import { simulate } from "./simulation.ts";

// Thousands of simulated failures a run, whose stacks nobody reads.
Error.stackTraceLimit = 0;

const scope = self as unknown as {
  onmessage: (event: MessageEvent<SeedRequest>) => void;
  postMessage(report: unknown): void;
};
scope.onmessage = async ({ data: { seed, streams } }) => {
  const { events: _, ...report } = await simulate(seed, { streams });
  scope.postMessage(report);
};
