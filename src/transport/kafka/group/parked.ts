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
/**
 * A join is sent again after so many answers that the group waits: it may wait for this member,
 * whose request, or whose answer in an earlier round, was lost.
 */
const SEND_AGAIN = 2;

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
 * for: otherwise a request or an answer that the network swallowed would cost the whole wait. Where
 * that does not tell, a join is sent again over a new connection: it takes the place of the first.
 *
 * @throws {KafkaFailure | ConnectionFailed} Where the coordinator is gone.
 */
export async function sendParked<A extends "JoinGroup" | "SyncGroup">(
  api: A,
  request: Requests[A],
  options: ParkedOptions,
): Promise<Answers[A]> {
  const { cluster, lane, signal } = options;
  const { group } = request;
  try {
    const coordinator = await cluster.coordinator(group, { signal });
    while (true) {
      const answer = await sendOnce(api, request, { ...options, coordinator });
      if (answer !== undefined) return answer;
      lane.reset();
    }
  } catch (error) {
    // The request may still be parked there; what it leads to is not wanted any more.
    lane.reset();
    cluster.forgetCoordinator(group);
    throw error;
  }
}

interface OnceOptions extends ParkedOptions {
  readonly coordinator: number;
}

/** Resolves with undefined when the request is better sent again. */
async function sendOnce<A extends "JoinGroup" | "SyncGroup">(
  api: A,
  request: Requests[A],
  options: OnceOptions,
): Promise<Answers[A] | undefined> {
  const { lane, coordinator, parkedMs: silenceMs } = options;
  using ended = linkSignals(options.signal);
  const { signal } = ended;
  try {
    return await Promise.race([
      lane.send(coordinator, api, request, { signal, silenceMs }),
      watch({ api, group: request.group }, { ...options, signal }),
    ]);
  } finally {
    ended.abort();
  }
}

/**
 * Rejects when the coordinator is gone, or has nothing parked; resolves when the request is better
 * sent again. After the signal it does neither.
 */
async function watch(
  { api, group }: { api: Api; group: string },
  { questions, parkedIn, coordinator, signal }: OnceOptions,
): Promise<undefined> {
  let contradictions = 0;
  let confirmations = 0;
  while (true) {
    await delay(ASK_MS, { signal, background: true });
    if (signal.aborted) return await new Promise<never>(() => {});
    const request = { groups: [group] };
    const { groups } = await questions.send(coordinator, "DescribeGroups", request, { signal });
    const found = groups.find((one) => one.group === group);
    if (found !== undefined) throwFailure("DescribeGroups", `group ${group}`, found);
    if (parkedIn !== undefined && found?.state === parkedIn) {
      contradictions = 0;
      if (api === "JoinGroup" && ++confirmations === SEND_AGAIN) return undefined;
      continue;
    }
    contradictions++;
    if (contradictions < LOST) continue;
    const state = found?.state ?? "unknown";
    throw new ConnectionFailed("network", `${api} was lost on the way: the group is ${state}`);
  }
}
