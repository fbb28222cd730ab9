// Joins requests with their replies.
import { HEADER } from "../../wire/headers.ts";
import type { IncomingRecord } from "../../wire/record.ts";
import { headerNumber, headerText, idOf, placeText } from "../record_text.ts";

/** A call as the topics show it. */
export interface SeenCall {
  readonly id: string;
  /** Undefined where the request was not seen: it is older than the tail. */
  readonly command: string | undefined;
  /**
   * `no reply`: none came until the deadline. `one-way`: none is asked for. `forged`: its signature
   * is missing or wrong, so that clients wait on.
   */
  readonly code: string;
  readonly server: string | undefined;
  /** Unix milliseconds of the request, else of the reply. */
  readonly at: number;
  /** From the request to the reply, each by the clock of its writer. */
  readonly ms: number | undefined;
  readonly request: string | undefined;
  readonly reply: string | undefined;
}

/** What a reply says: records themselves may be large, and thousands may come early. */
interface SeenReply {
  readonly code: string;
  readonly server: string | undefined;
  readonly at: number;
  readonly place: string;
}

function seenReply(record: IncomingRecord): SeenReply {
  return {
    code: headerText(record, HEADER.status) ?? "unknown",
    server: headerText(record, HEADER.server),
    at: record.timestamp,
    place: placeText(record),
  };
}

interface Waiting {
  readonly command: string;
  readonly at: number;
  readonly place: string;
  /** When to give it up, by this machine's clock. */
  readonly until: number;
}

/** How long a reply waits for its request, live: they come over different connections. */
const EARLY_MS = 1_000;
/** How long after its deadline a call is waited for, and without one. */
const GRACE_MS = 1_000;
const NO_DEADLINE_MS = 60_000;
/** Calls, and replies without one, that are remembered at most; the oldest go first. */
const MOST_WAITING = 200_000;

export interface JoinCounts {
  /** Calls that were reported. */
  calls: number;
  /** Calls that were forgotten because there were too many. */
  dropped: number;
}

export class CallJoin {
  readonly #onCall: (call: SeenCall) => void;
  readonly #waiting = new Map<string, Waiting>();
  readonly #early = new Map<string, { readonly reply: SeenReply; readonly until: number }>();
  readonly counts: JoinCounts = { calls: 0, dropped: 0 };
  #isLive = false;
  // Not a new one each time, which would pass by all that was deleted before the oldest; nor one for
  // good: V8 keeps every table that a map has outgrown since an iterator was last moved.
  #oldestWaiting = this.#waiting.keys();
  #oldestEarly = this.#early.entries();

  constructor(onCall: (call: SeenCall) => void) {
    this.#onCall = onCall;
  }

  /** A record of the commands topic. */
  request(record: IncomingRecord, now: number): void {
    const id = idOf(record);
    // A later attempt is the same call.
    if (id === undefined || this.#waiting.has(id)) return;
    const command = headerText(record, HEADER.command) ?? "eval";
    const place = placeText(record);
    const at = record.timestamp;
    if (headerText(record, HEADER.reply) === "none") {
      return this.#report({ id, command, code: "one-way", at, request: place });
    }
    const deadline = headerNumber(record, HEADER.deadline);
    const until = deadline === undefined ? now + NO_DEADLINE_MS : deadline + GRACE_MS;
    const waiting = { command, at, place, until };
    const early = this.#early.get(id);
    if (early !== undefined) {
      this.#early.delete(id);
      return this.#answered(id, waiting, early.reply);
    }
    this.#waiting.set(id, waiting);
    if (this.#waiting.size <= MOST_WAITING) return;
    this.#waiting.delete(this.#oldestWaiting.next().value!);
    this.counts.dropped++;
  }

  /** A record of the results topic. */
  reply(record: IncomingRecord, now: number): void {
    const id = idOf(record);
    if (id === undefined || !record.headers.has(HEADER.status)) return;
    // The last frame of a stream is its outcome.
    if (record.headers.has(HEADER.more)) return;
    const reply = seenReply(record);
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) {
      this.#waiting.delete(id);
      return this.#answered(id, waiting, reply);
    }
    this.#early.set(id, { reply, until: now + EARLY_MS });
    if (this.#early.size <= MOST_WAITING) return;
    const [oldest, { reply: given }] = this.#oldestEarly.next().value!;
    this.#early.delete(oldest);
    this.#answered(oldest, undefined, given);
  }

  /**
   * All that was there at the start has been read. Before that one topic may be far ahead of the
   * other: what is missing of a call says nothing.
   */
  caughtUp(): void {
    this.#isLive = true;
  }

  /** A record of the results topic that no client takes. */
  forged(record: IncomingRecord): void {
    const id = idOf(record);
    if (id === undefined) return;
    const { command } = this.#waiting.get(id) ?? {};
    const { server, at, place } = seenReply(record);
    this.#report({ id, command, code: "forged", server, at, reply: place });
  }

  /** Reports what has waited long enough. */
  sweep(now: number): void {
    this.#oldestWaiting = this.#waiting.keys();
    this.#oldestEarly = this.#early.entries();
    if (!this.#isLive) return;
    for (const [id, { reply, until }] of this.#early) {
      if (until > now) break; // in the order of their arrival
      this.#early.delete(id);
      this.#answered(id, undefined, reply);
    }
    for (const [id, { command, at, place, until }] of this.#waiting) {
      if (until > now) continue;
      this.#waiting.delete(id);
      this.#report({ id, command, code: "no reply", at, request: place });
    }
  }

  #answered(id: string, waiting: Waiting | undefined, { code, server, ...reply }: SeenReply): void {
    this.#report({
      id,
      command: waiting?.command,
      code,
      server,
      at: waiting?.at ?? reply.at,
      ms: waiting && reply.at - waiting.at,
      request: waiting?.place,
      reply: reply.place,
    });
  }

  #report(call: Pick<SeenCall, "id" | "code" | "at"> & Partial<SeenCall>): void {
    this.counts.calls++;
    const { command, server, ms, request, reply } = call;
    this.#onCall({ ...call, command, server, ms, request, reply });
  }
}
