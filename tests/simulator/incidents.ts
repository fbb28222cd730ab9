/**
 * What has happened in a simulation that a call may fail for.
 *
 * @module
 */
import { clock } from "../../src/async/clock.ts";
import type { Api } from "../../src/transport/kafka/port.ts";
import { LATE_MS, THROTTLE_MS } from "./connection.ts";
import type { Mishap } from "./network.ts";

/** After the last harm calls succeed again within this time. */
const RECOVERY_MS = 2_000;

/** A time in which calls may fail. */
export interface Incident {
  readonly name: string;
  readonly from: number;
  to: number;
}

/** Silence is noticed by patience, which is three seconds for records. */
export const PATIENCE_MS = 3_000;

/** How long a request may be lost for its sender. */
const MISHAP_HARM_MS: Readonly<Record<Mishap, number>> = {
  "lose request": PATIENCE_MS,
  "lose answer": PATIENCE_MS,
  "stall answer": PATIENCE_MS,
  "half answer": 0,
  reset: 0,
  delay: LATE_MS,
  duplicate: 0,
  throttle: THROTTLE_MS,
};

/** After these no answer comes, or none in time. */
const SILENT: ReadonlySet<Mishap> = new Set([
  "lose request",
  "lose answer",
  "stall answer",
  "delay",
]);

/** A member that could not leave is one until its session ends, and the others' next heartbeat. */
export const SESSION_HARM_MS = 7_000;

/**
 * How long calls may fail for a request that was met.
 *
 * @param mishap What met it.
 * @param api Which request.
 * @returns Milliseconds.
 */
export function harmOf(mishap: Mishap, api: Api): number {
  if (api === "LeaveGroup") return SESSION_HARM_MS;
  // A member that waits for a lost answer looks like one that waits for the others: the group ends
  // its session, and perhaps that of one that has joined meanwhile and lost its answer, too.
  return api === "JoinGroup" && SILENT.has(mishap) ? 2 * SESSION_HARM_MS : MISHAP_HARM_MS[mishap];
}

/** All of a run. */
export class Incidents {
  readonly #incidents: Incident[] = [];

  /**
   * Notes that something harms calls from now on.
   *
   * @param name What it is.
   * @param harmMs For how long.
   * @returns Ends it sooner or later than that: now.
   */
  add(name: string, harmMs: number): () => void {
    const from = clock.now();
    const incident = { name, from, to: from + harmMs + RECOVERY_MS };
    this.#incidents.push(incident);
    return () => void (incident.to = clock.now() + RECOVERY_MS);
  }

  /**
   * The longest time without any harm inside of another time.
   *
   * @param from Its beginning.
   * @param to Its end.
   * @returns Milliseconds.
   */
  longestPeace(from: number, to: number): number {
    let longest = 0;
    let peaceFrom = from;
    for (const incident of this.#incidents.toSorted((a, b) => a.from - b.from)) {
      longest = Math.max(longest, Math.min(incident.from, to) - peaceFrom);
      peaceFrom = Math.max(peaceFrom, incident.to);
    }
    return Math.max(longest, to - peaceFrom);
  }

  /** Names of those inside of a time. */
  within(from: number, to: number): string[] {
    const found = this.#incidents.filter((one) => one.from <= to && one.to >= from);
    return [...new Set(found.map(({ name }) => name))];
  }
}
