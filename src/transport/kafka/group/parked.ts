/**
 * Requests that are answered when the others of a group are there.
 *
 * @module
 */
import { delay } from "../../../async/delay.ts";
import type { Cluster } from "../cluster.ts";
import { KafkaFailure, throwFailure } from "../errors.ts";
import type { Lane } from "../lane.ts";
import type { Answers, Requests } from "../port.ts";
import { NOT_COORDINATOR } from "./codes.ts";

/** How often the coordinator is asked whether it still is the coordinator. */
const ASK_MS = 1_000;

/** What {@linkcode sendParked} needs. */
export interface ParkedOptions {
  readonly cluster: Cluster;
  readonly group: string;
  /** Where the request is parked: nothing else gets through there meanwhile. */
  readonly lane: Lane;
  /** Where the coordinator is asked. */
  readonly questions: Lane;
  /** Longest wait for the others, in milliseconds. */
  readonly parkedMs: number;
  readonly signal: AbortSignal;
}

/**
 * Sends a request to the coordinator. Meanwhile that broker is asked over another connection
 * whether it still is the coordinator: otherwise a connection that the network swallowed would cost
 * the whole wait.
 *
 * @param api Which request.
 * @param request The request.
 * @param options Where to.
 * @returns Its answer.
 * @throws {KafkaFailure | ConnectionFailed} Where the coordinator is gone.
 */
export async function sendParked<A extends "JoinGroup" | "SyncGroup">(
  api: A,
  request: Requests[A],
  options: ParkedOptions,
): Promise<Answers[A]> {
  const { cluster, group, lane, parkedMs: silenceMs } = options;
  const answered = new AbortController();
  const signal = AbortSignal.any([options.signal, answered.signal]);
  try {
    const coordinator = await cluster.coordinator(group, { signal });
    return await Promise.race([
      lane.send(coordinator, api, request, { signal, silenceMs }),
      watch(coordinator, { ...options, signal }),
    ]);
  } catch (error) {
    // The request may still be parked there; what it leads to is not wanted any more.
    lane.reset();
    cluster.forgetCoordinator(group);
    throw error;
  } finally {
    answered.abort();
  }
}

/** Rejects when the coordinator is gone; else it waits until the signal, and then for good. */
async function watch(coordinator: number, options: ParkedOptions): Promise<never> {
  const { group, questions, signal } = options;
  while (true) {
    await delay(ASK_MS, { signal, background: true });
    if (signal.aborted) return await new Promise<never>(() => {});
    const found = await questions.send(coordinator, "FindCoordinator", { group }, { signal });
    throwFailure("FindCoordinator", `group ${group}`, found);
    if (found.nodeId === coordinator) continue;
    throw new KafkaFailure("FindCoordinator", `group ${group}`, { error: NOT_COORDINATOR });
  }
}
