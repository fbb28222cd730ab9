// Replies to recent requests, so that a request that comes again is not run again.
import { LRUCache } from "lru-cache";
import { clock } from "../async/clock.ts";
import type { RpcCode } from "../wire/errors.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { ForgottenReplies } from "./forgotten_replies.ts";
import { difference, type Origin } from "./origin.ts";
import type { ReplyCacheSettings } from "./settings.ts";

/** Codes after which trying again may help: an outcome with one of them is not repeated. */
const TRANSIENT_CODES: readonly RpcCode[] = [
  "unavailable",
  "aborted",
  "canceled",
  "deadline_exceeded",
  "resource_exhausted",
];

/** What is known of the id of a request. */
export type Recalled =
  /** The same request was answered: this is its outcome. */
  | { readonly outcome: Outcome; readonly conflict?: undefined }
  /** The id is that of another request, which differs by this. */
  | { readonly outcome?: undefined; readonly conflict: string };

/** An outcome that the same request is given again. */
export interface Entry {
  readonly origin: Origin;
  readonly outcome: Outcome;
  /** What it takes of the cache. */
  readonly bytes: number;
  /** Unix milliseconds. */
  readonly at: number;
  /** Unix milliseconds until which a copy of the request may come, where that is signed. */
  readonly signedUntil?: number | undefined;
}

/** Undefined where trying again may give another outcome. */
export function entryOf(
  origin: Origin,
  outcome: Outcome,
  { at, signedUntil }: Pick<Entry, "at" | "signedUntil">,
): Entry | undefined {
  if (!outcome.ok && TRANSIENT_CODES.includes(outcome.failure.code)) return undefined;
  const size = outcome.ok
    ? outcome.output.bytes.byteLength
    : JSON.stringify(outcome.failure).length;
  const { metadata } = outcome;
  const added = metadata === undefined ? 0 : JSON.stringify(metadata).length;
  return { origin, outcome, bytes: size + added + origin.name.length, at, signedUntil };
}

/** Outcomes by request, the oldest first: nothing here makes one young again. */
export class ReplyCache {
  readonly #windowMs: number;
  readonly #entries: LRUCache<string, Entry>;
  /** The request that ran here under each id. Others that have that id are refused. */
  readonly #ran = new Map<string, Entry>();
  readonly #forgotten: ForgottenReplies | undefined;
  /** No entry is older: the oldest one is looked for only when it may be too old. */
  #noneBefore = Infinity;

  /** `forgotten` gets what has to make room, where copies of requests must not run. */
  constructor(
    { windowMs, maxEntries, maxBytes }: ReplyCacheSettings,
    { forgotten }: { readonly forgotten?: ForgottenReplies | undefined } = {},
  ) {
    this.#windowMs = windowMs;
    this.#forgotten = forgotten;
    this.#entries = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      sizeCalculation: ({ bytes }) => bytes,
      dispose: (entry, _, reason) => {
        if (this.#ran.get(entry.origin.id) === entry) this.#ran.delete(entry.origin.id);
        if (reason === "evict") this.forget(entry);
      },
    });
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The outcome of a request, or why it may not have its id; undefined where it is to run. */
  recall(origin: Origin): Recalled | undefined {
    const earlier = this.#fresh(this.#entries.peek(origin.name));
    if (earlier && difference(earlier.origin, origin) === undefined) {
      return { outcome: earlier.outcome };
    }
    const ran = this.#fresh(this.#ran.get(origin.id));
    const conflict = ran && difference(ran.origin, origin);
    return conflict === undefined ? undefined : { conflict };
  }

  /** Whether a request was answered whose answer is not there any more. */
  forgot({ name }: Origin, signedUntil: number): "answered" | "unknown" | undefined {
    return this.#forgotten?.recall(name, signedUntil);
  }

  /** Keeps the outcome of a request that ran here, unless trying again may give another. */
  remember(origin: Origin, outcome: Outcome, signedUntil?: number): void {
    const entry = entryOf(origin, outcome, { at: clock.wallTime(), signedUntil });
    if (entry !== undefined) this.keep(entry);
  }

  /** Keeps what a request that ran here gets where it comes again. */
  keep(entry: Entry): void {
    const { origin } = entry;
    if (this.#add(entry)) this.#ran.set(origin.id, entry);
    else this.forget(entry);
  }

  /**
   * Keeps of a request no more than that it was answered. Of one that was read from the results topic
   * the deadline is not known, but how far it may lie.
   */
  forget({ origin: { name }, signedUntil, at }: Entry): void {
    this.#forgotten?.add(name, signedUntil ?? at + this.#windowMs);
  }

  /**
   * Keeps an outcome that is known from the results topic alone, and when it was sent. It is given to
   * the same request; no other one is refused for it, since anything may have been written there.
   */
  learn(entry: Entry): void {
    const { id, name } = entry.origin;
    if (this.#ran.get(id)?.origin.name !== name) this.#add(entry);
  }

  #fresh(entry: Entry | undefined): Entry | undefined {
    return entry !== undefined && entry.at >= this.#tooOld() ? entry : undefined;
  }

  #tooOld(): number {
    return clock.wallTime() - this.#windowMs;
  }

  /** Says whether it was kept: not where it is too large or too old. */
  #add(entry: Entry): boolean {
    const { origin: { name }, at } = entry;
    this.#entries.set(name, entry);
    this.#noneBefore = Math.min(this.#noneBefore, at);
    if (this.#noneBefore < this.#tooOld()) this.#forgetOld();
    return this.#entries.has(name);
  }

  /** In the order in which they came: one that was learned late may hide those behind it. */
  #forgetOld(): void {
    const tooOld = this.#tooOld();
    this.#noneBefore = Infinity;
    for (const oldest of this.#entries.rkeys()) {
      const { at } = this.#entries.peek(oldest)!;
      if (at >= tooOld) {
        this.#noneBefore = at;
        return;
      }
      this.#entries.delete(oldest);
    }
  }
}
