/**
 * What was answered lately, so that a request that comes again is not run again.
 *
 * @module
 */
import { wholeNumber } from "../options/check.ts";
import { shape } from "../options/shape.ts";
import type { Logger } from "../transport/logger.ts";
import type { Transport } from "../transport/transport.ts";
import type { RpcCode } from "../wire/errors.ts";
import { type Outcome, type ReadReply, readReply } from "../wire/reply.ts";

/** How much a server remembers of its answers. */
export interface ReplayOptions {
  /** Milliseconds that an answer is remembered; longer than any deadline. Default: 300 000. */
  readonly windowMs?: number | undefined;
  /** Most answers that are remembered. Default: 10 000. */
  readonly maxEntries?: number | undefined;
  /** Most bytes of results that are remembered. Default: 16 777 216. */
  readonly maxBytes?: number | undefined;
}

/** The check of these options. */
export const replayOptions = shape<ReplayOptions>({
  windowMs: wholeNumber(),
  maxEntries: wholeNumber(),
  maxBytes: wholeNumber(),
}, { example: "true, false or { windowMs: 300_000 }" });

/** {@linkcode ReplayOptions} with every default in its place. */
export type ReplaySettings = { readonly [Name in keyof ReplayOptions]-?: number };

/** Codes after which trying again may help: an answer with one of them must not be given again. */
const PASSING: readonly RpcCode[] = [
  "unavailable",
  "aborted",
  "canceled",
  "deadline_exceeded",
  "resource_exhausted",
];

/** Longest reading of the results topic, in milliseconds; commands wait for it after a rebalance. */
const LOAD_MS = 5_000;

type Reply = Extract<ReadReply, { kind: "reply" }>;

/** Whether a reply is of the plain protocol: a person chose its key, and may choose it again. */
function isPlain({ outcome }: Reply): boolean {
  return outcome.ok && outcome.output.contentType === "text/plain";
}

interface Entry {
  readonly outcome: Outcome;
  readonly bytes: number;
  readonly at: number;
}

/** Answers by id, the oldest first, within bounds. */
export class ReplayMemory {
  readonly #settings: ReplaySettings;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  /**
   * Creates an empty memory.
   *
   * @param settings Its bounds.
   */
  constructor(settings: ReplaySettings) {
    this.#settings = settings;
  }

  /** Answers that are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  /** The answer to an id; undefined where there was none, or it is forgotten. */
  recall(id: string): Outcome | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.at + this.#settings.windowMs < Date.now()) return undefined;
    return entry.outcome;
  }

  /**
   * Remembers an answer, unless trying again may give another.
   *
   * @param id The correlation id.
   * @param outcome How the command ended.
   * @param at When, in Unix milliseconds.
   */
  remember(id: string, outcome: Outcome, at: number = Date.now()): void {
    if (!outcome.ok && PASSING.includes(outcome.failure.code)) return;
    const size = outcome.ok
      ? outcome.output.bytes.byteLength
      : JSON.stringify(outcome.failure).length;
    const bytes = size + id.length;
    this.#forget(id);
    this.#entries.set(id, { outcome, bytes, at });
    this.#bytes += bytes;
    const { maxEntries, maxBytes, windowMs } = this.#settings;
    const tooOld = Date.now() - windowMs;
    for (const [oldest, entry] of this.#entries) {
      const over = this.#entries.size > maxEntries || this.#bytes > maxBytes || entry.at < tooOld;
      if (!over) break;
      this.#forget(oldest);
    }
  }

  #forget(id: string): void {
    this.#bytes -= this.#entries.get(id)?.bytes ?? 0;
    this.#entries.delete(id);
  }
}

/** Brings a {@linkcode ReplayMemory} up to what other servers, or this one before, have answered. */
export class ReplayTail {
  readonly #memory: ReplayMemory;
  readonly #transport: Transport;
  readonly #options: { topics: Iterable<string>; settings: ReplaySettings; logger: Logger };
  readonly #positions = new Map<string, Map<number, bigint>>();
  #loading: Promise<void> | undefined;

  /**
   * Creates it.
   *
   * @param memory What is filled.
   * @param transport What to read with.
   * @param options The topics that replies go to, the bounds, and where failures are told.
   */
  constructor(
    memory: ReplayMemory,
    transport: Transport,
    options: { topics: Iterable<string>; settings: ReplaySettings; logger: Logger },
  ) {
    this.#memory = memory;
    this.#transport = transport;
    this.#options = options;
  }

  /** The loading under way; undefined where there is none. */
  get loading(): Promise<void> | undefined {
    return this.#loading;
  }

  /** Reads what was answered since the last time; bounded, and it never rejects. */
  load(): void {
    const before = this.#loading ?? Promise.resolve();
    const loading = before.then(() => this.#read()).then(() => {
      if (this.#loading === loading) this.#loading = undefined;
    });
    this.#loading = loading;
  }

  async #read(): Promise<void> {
    const { topics, settings: { windowMs, maxEntries }, logger } = this.#options;
    const start = performance.now();
    const found: { readonly read: Reply; readonly at: number }[] = [];
    try {
      for (const topic of topics) {
        const positions = this.#positions.get(topic) ?? new Map<number, bigint>();
        this.#positions.set(topic, positions);
        await this.#transport.readTail({
          topic,
          positions,
          sinceMs: Date.now() - windowMs,
          maxRecords: maxEntries,
          timeoutMs: LOAD_MS,
          onRecord: (record) => {
            const read = readReply(record);
            if (read.kind === "reply" && !isPlain(read)) found.push({ read, at: record.timestamp });
          },
        });
      }
    } catch (error) {
      logger.warn("earlier answers are not all known; a repeated request may run again", { error });
    }
    // Also after a failure: what was read is not read again. The partitions came one after the
    // other; the oldest answers are the first to be forgotten.
    found.sort((a, b) => a.at - b.at);
    for (const { read, at } of found) this.#memory.remember(read.id, read.outcome, at);
    const ms = Math.round(performance.now() - start);
    logger.debug("earlier answers are known", { answers: this.#memory.size, ms });
  }
}
