// Requests that are answered when the others of a group are there.
import { delay } from "../../../async/delay.ts";
import { linkSignals } from "../../../async/linked_signal.ts";
import type { Cluster } from "../cluster.ts";
import { throwFailure } from "../errors.ts";
import type { Lane } from "../lane.ts";
import { type Answers, type Api, ConnectionFailed, type Requests } from "../port.ts";

const ASK_MS = 1_000;
/** So many answers in a row: one of them may have crossed the request, or its answer. */
const LOST = 2;

interface ParkedOptions {
  readonly cluster: Cluster;
  /** Where the request is parked: nothing else gets through there meanwhile. */
  readonly lane: Lane;
  readonly questions: Lane;
  /** What the group does while it keeps the request parked; undefined: it is answered at once. */
  readonly parkedIn: "PreparingRebalance" | "CompletingRebalance" | undefined;
  readonly parkedMs: number;
  readonly signal: AbortSignal;
}

/**
 * Sends a request to the coordinator. Meanwhile that broker is asked over another connection
 * whether it still is the coordinator, and whether its group does what the request could be parked
 * for: otherwise a request or an answer that the network swallowed would cost the whole wait. A
 * join is not sent twice while the group waits for others: a broker never answers the first one
 * then, nor does it read on from that connection, which it would keep for ten minutes.
 *
 * @throws {KafkaFailure | ConnectionFailed} Where the coordinator is gone.
 */
export async function sendParked<A extends "JoinGroup" | "SyncGroup">(
  api: A,
  request: Requests[A],
  options: ParkedOptions,
): Promise<Answers[A]> {
  const { cluster, lane, parkedMs: silenceMs } = options;
  const { group } = request;
  using answered = linkSignals(options.signal);
  const { signal } = answered;
  try {
    const coordinator = await cluster.coordinator(group, { signal });
    return await Promise.race([
      lane.send(coordinator, api, request, { signal, silenceMs }),
      watch({ api, group, coordinator }, { ...options, signal }),
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

/**
 * Rejects when the coordinator is gone, or has nothing parked; else it waits until the signal, and
 * then for good.
 */
async function watch(
  { api, group, coordinator }: { api: Api; group: string; coordinator: number },
  { questions, parkedIn, signal }: ParkedOptions,
): Promise<never> {
  let contradictions = 0;
  while (true) {
    await delay(ASK_MS, { signal, background: true });
    if (signal.aborted) return await new Promise<never>(() => {});
    const request = { groups: [group] };
    const { groups } = await questions.send(coordinator, "DescribeGroups", request, { signal });
    const found = groups.find((one) => one.group === group);
    if (found !== undefined) throwFailure("DescribeGroups", `group ${group}`, found);
    contradictions = parkedIn !== undefined && found?.state === parkedIn ? 0 : contradictions + 1;
    if (contradictions < LOST) continue;
    const state = found?.state ?? "unknown";
    throw new ConnectionFailed("network", `${api} was lost on the way: the group is ${state}`);
  }
}
