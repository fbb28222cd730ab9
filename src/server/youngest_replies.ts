// The replies that a starting server keeps while it reads the results topics.
import type { Entry } from "./reply_cache.ts";
import type { ReplyCacheSettings } from "./settings.ts";

type Most = Pick<ReplyCacheSettings, "maxEntries" | "maxBytes">;

/**
 * The youngest replies that were found, about as many as the cache takes. All partitions of a topic
 * hold many times as much, and one busy client's replies lie on one of them.
 */
export class YoungestReplies {
  readonly #most: Most;
  #found: Entry[] = [];
  #bytes = 0;

  readonly #drop: (entry: Entry) => void;

  /** `drop` gets those that there is no room for. */
  constructor(most: Most, drop: (entry: Entry) => void = () => {}) {
    this.#most = most;
    this.#drop = drop;
  }

  add(found: Entry): void {
    const { maxEntries, maxBytes } = this.#most;
    // What the cache would refuse must not push others out.
    if (found.bytes > maxBytes) return this.#drop(found);
    this.#found.push(found);
    this.#bytes += found.bytes;
    if (this.#found.length >= 2 * maxEntries || this.#bytes >= 2 * maxBytes) this.#cut();
  }

  #cut(): void {
    const { maxEntries, maxBytes } = this.#most;
    const youngestFirst = this.inOrder().reverse();
    let bytes = 0;
    const tooMany = youngestFirst.findIndex((found, index) =>
      index >= maxEntries || (bytes += found.bytes) > maxBytes
    );
    if (tooMany >= 0) youngestFirst.splice(tooMany).forEach(this.#drop);
    this.#found = youngestFirst;
    this.#bytes = this.#found.reduce((sum, found) => sum + found.bytes, 0);
  }

  /** The oldest first: it is the first to be evicted. */
  inOrder(): Entry[] {
    return this.#found.toSorted((a, b) => a.at - b.at);
  }
}
