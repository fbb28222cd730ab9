/**
 * What was answered lately, so that a request that comes again is not run again.
 *
 * @module
 */
import { clock } from "../async/clock.ts";
import { wholeNumber } from "../options/check.ts";
import { shape } from "../options/shape.ts";
import type { Logger } from "../logging/logger.ts";
import type { Transport } from "../transport/transport.ts";
import type { RpcCode } from "../wire/errors.ts";
import type { Outcome } from "../wire/outcome.ts";
import { readReply } from "../wire/reply.ts";
import { difference, type Origin, originOfReply } from "./origin.ts";

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

/** The form of a digest. */
const DIGEST = /^[\w-]{22}$/;

/** Longest reading of the results topic, in milliseconds; commands wait for it after a rebalance. */
const LOAD_MS = 5_000;

/** What is known of the id of a request. */
export type Recalled =
  /** The same request was answered: this is its outcome. */
  | { readonly outcome: Outcome; readonly conflict?: undefined }
  /** The id is that of another request, which differs by this. */
  | { readonly outcome?: undefined; readonly conflict: string };

interface Entry {
  readonly origin: Origin;
  readonly outcome: Outcome;
  readonly bytes: number;
  readonly at: number;
}

/** Digests have one length, so that no two entries share a name. */
const nameOf = ({ id, digest }: Origin): string => `${digest} ${id}`;

/** Answers by request, the oldest first, within bounds. */
export class ReplayMemory {
  readonly #settings: ReplaySettings;
  readonly #entries = new Map<string, Entry>();
  /** The request that ran here under each id. Others that have that id are refused. */
  readonly #ran = new Map<string, Entry>();
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

  /**
   * Looks a request up.
   *
   * @param origin The request.
   * @returns Its outcome, or why it may not have that id; undefined where it is to run.
   */
  recall(origin: Origin): Recalled | undefined {
    const earlier = this.#fresh(this.#entries.get(nameOf(origin)));
    if (earlier && difference(earlier.origin, origin) === undefined) {
      return { outcome: earlier.outcome };
    }
    const ran = this.#fresh(this.#ran.get(origin.id));
    const conflict = ran && difference(ran.origin, origin);
    return conflict === undefined ? undefined : { conflict };
  }

  /**
   * Remembers the answer to a request that ran here, unless trying again may give another.
   *
   * @param origin The request.
   * @param outcome How the command ended.
   */
  remember(origin: Origin, outcome: Outcome): void {
    const entry = this.#add(origin, outcome, clock.wallTime());
    if (entry !== undefined) this.#ran.set(origin.id, entry);
  }

  /**
   * Remembers an answer that is known from the results topic alone. It is given again to the same
   * request; no other one is refused for it, since anything may have been written there.
   *
   * @param origin The request.
   * @param outcome How the command ended.
   * @param at When, in Unix milliseconds.
   */
  learn(origin: Origin, outcome: Outcome, at: number): void {
    const ran = this.#ran.get(origin.id);
    if (ran === undefined || nameOf(ran.origin) !== nameOf(origin)) this.#add(origin, outcome, at);
  }

  #fresh(entry: Entry | undefined): Entry | undefined {
    const fresh = entry !== undefined && entry.at + this.#settings.windowMs >= clock.wallTime();
    return fresh ? entry : undefined;
  }

  #add(origin: Origin, outcome: Outcome, at: number): Entry | undefined {
    if (!outcome.ok && PASSING.includes(outcome.failure.code)) return undefined;
    const size = outcome.ok
      ? outcome.output.bytes.byteLength
      : JSON.stringify(outcome.failure).length;
    const name = nameOf(origin);
    const entry = { origin, outcome, bytes: size + name.length, at };
    this.#forget(name);
    this.#entries.set(name, entry);
    this.#bytes += entry.bytes;
    const { maxEntries, maxBytes, windowMs } = this.#settings;
    const tooOld = clock.wallTime() - windowMs;
    for (const [oldest, entry] of this.#entries) {
      const over = this.#entries.size > maxEntries || this.#bytes > maxBytes || entry.at < tooOld;
      if (!over) break;
      this.#forget(oldest);
    }
    return entry;
  }

  #forget(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#bytes -= entry.bytes;
    this.#entries.delete(name);
    if (this.#ran.get(entry.origin.id) === entry) this.#ran.delete(entry.origin.id);
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
    const start = clock.now();
    const found: { readonly origin: Origin; readonly outcome: Outcome; readonly at: number }[] = [];
    try {
      for (const topic of topics) {
        const positions = this.#positions.get(topic) ?? new Map<number, bigint>();
        this.#positions.set(topic, positions);
        await this.#transport.readTail({
          topic,
          positions,
          sinceMs: clock.wallTime() - windowMs,
          maxRecords: maxEntries,
          timeoutMs: LOAD_MS,
          onRecord: (record) => {
            const reply = readReply(record);
            if (reply.kind !== "reply") return;
            const { id, digest, outcome } = reply;
            // Without one it can't be told what it answers.
            if (digest === undefined || !DIGEST.test(digest)) return;
            // A value of the plain protocol, whose records neither repeat nor join a call.
            if (outcome.ok && outcome.output.contentType === "text/plain") return;
            const origin = originOfReply({ id, digest }, record);
            found.push({ origin, outcome, at: record.timestamp });
          },
        });
      }
    } catch (error) {
      logger.warn("earlier answers are not all known; a repeated request may run again", { error });
    }
    // Also after a failure: what was read is not read again. The partitions came one after the
    // other; the oldest answers are the first to be forgotten.
    found.sort((a, b) => a.at - b.at);
    for (const { origin, outcome, at } of found) this.#memory.learn(origin, outcome, at);
    const ms = Math.round(clock.now() - start);
    logger.debug("earlier answers are known", { answers: this.#memory.size, ms });
  }
}
