// The replies that a starting server keeps while it reads the results topics.
import type { Outcome } from "../wire/outcome.ts";
import type { Origin } from "./origin.ts";
import type { ReplyCacheSettings } from "./settings.ts";

/** A reply of the results topic that may be given again. */
export interface FoundReply {
  readonly origin: Origin;
  readonly outcome: Outcome;
  /** What it takes of the cache. */
  readonly bytes: number;
  /** Unix milliseconds. */
  readonly at: number;
}

type Most = Pick<ReplyCacheSettings, "maxEntries" | "maxBytes">;

/**
 * The youngest replies that were found, about as many as the cache takes. All partitions of a topic
 * hold many times as much, and one busy client's replies lie on one of them.
 */
export class YoungestReplies {
  readonly #most: Most;
  #found: FoundReply[] = [];
  #bytes = 0;

  constructor(most: Most) {
    this.#most = most;
  }

  add(found: FoundReply): void {
    const { maxEntries, maxBytes } = this.#most;
    // What the cache would refuse must not push others out.
    if (found.bytes > maxBytes) return;
    this.#found.push(found);
    this.#bytes += found.bytes;
    if (this.#found.length >= 2 * maxEntries || this.#bytes >= 2 * maxBytes) this.#cut();
  }

  #cut(): void {
    const { maxEntries, maxBytes } = this.#most;
    const youngestFirst = this.inOrder().reverse().slice(0, maxEntries);
    let bytes = 0;
    const tooMany = youngestFirst.findIndex((found) => (bytes += found.bytes) > maxBytes);
    this.#found = tooMany < 0 ? youngestFirst : youngestFirst.slice(0, tooMany);
    this.#bytes = this.#found.reduce((sum, found) => sum + found.bytes, 0);
  }

  /** The oldest first: it is the first to be evicted. */
  inOrder(): FoundReply[] {
    return this.#found.toSorted((a, b) => a.at - b.at);
  }
}
