// Replies to recent requests, so that a request that comes again is not run again.
import { LRUCache } from "lru-cache";
import { clock } from "../async/clock.ts";
import type { RpcCode } from "../wire/errors.ts";
import type { Outcome } from "../wire/outcome.ts";
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
}

/** Undefined where trying again may give another outcome. */
export function entryOf(origin: Origin, outcome: Outcome, at: number): Entry | undefined {
  if (!outcome.ok && TRANSIENT_CODES.includes(outcome.failure.code)) return undefined;
  const size = outcome.ok
    ? outcome.output.bytes.byteLength
    : JSON.stringify(outcome.failure).length;
  const { metadata } = outcome;
  const added = metadata === undefined ? 0 : JSON.stringify(metadata).length;
  return { origin, outcome, bytes: size + added + origin.name.length, at };
}

/** Outcomes by request, the oldest first: nothing here makes one young again. */
export class ReplyCache {
  readonly #windowMs: number;
  readonly #entries: LRUCache<string, Entry>;
  /** The request that ran here under each id. Others that have that id are refused. */
  readonly #ran = new Map<string, Entry>();
  /** No entry is older: the oldest one is looked for only when it may be too old. */
  #noneBefore = Infinity;

  constructor({ windowMs, maxEntries, maxBytes }: ReplyCacheSettings) {
    this.#windowMs = windowMs;
    this.#entries = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      sizeCalculation: ({ bytes }) => bytes,
      dispose: (entry) => {
        if (this.#ran.get(entry.origin.id) === entry) this.#ran.delete(entry.origin.id);
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

  /** Keeps the outcome of a request that ran here, unless trying again may give another. */
  remember(origin: Origin, outcome: Outcome): void {
    const entry = entryOf(origin, outcome, clock.wallTime());
    if (entry !== undefined && this.#add(entry)) this.#ran.set(origin.id, entry);
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
