// Replies of other servers, and of this one before its start.
import { clock } from "../async/clock.ts";
import type { Logger } from "../logging/logger.ts";
import type { Transport } from "../transport/transport.ts";
import { HEADER, TEXT_TYPE } from "../wire/headers.ts";
import { textOf } from "../wire/utf8.ts";
import type { IncomingRecord } from "../wire/record.ts";
import { readReplyMetadata } from "../wire/receipt.ts";
import { readReply } from "../wire/reply.ts";
import type { Frame } from "../wire/stream.ts";
import { originOfReply } from "./origin.ts";
import type { ReplyProvenance } from "./reply_provenance.ts";
import { type Entry, entryOf, type ReplyCache } from "./reply_cache.ts";
import type { ReplyCacheSettings } from "./settings.ts";
import { begunStream } from "./streams/begun.ts";
import { YoungestReplies } from "./youngest_replies.ts";

/** The form of a digest. */
const DIGEST = /^[\w-]{22}$/;

/** Longest reading of the results topic, in milliseconds; commands wait for it after a rebalance. */
const LOAD_MS = 5_000;

export interface LoaderOptions {
  /** The topics that replies go to. */
  readonly topics: Iterable<string>;
  readonly settings: ReplyCacheSettings;
  /** Where replies are signed: says whose request a reply answers, if its signature is right. */
  readonly provenance?: ReplyProvenance | undefined;
  /** Id of this server: what it sends itself, it knows. */
  readonly server: string;
  readonly logger: Logger;
}

/** Fills a {@linkcode ReplyCache} from the results topics. */
export class ReplyCacheLoader {
  readonly #cache: ReplyCache;
  readonly #transport: Transport;
  readonly #options: LoaderOptions;
  readonly #positions = new Map<string, Map<number, bigint>>();
  #loading: Promise<void> | undefined;

  constructor(cache: ReplyCache, transport: Transport, options: LoaderOptions) {
    this.#cache = cache;
    this.#transport = transport;
    this.#options = options;
  }

  /** Resolves when everything is loaded; undefined where nothing is being loaded. */
  get loading(): Promise<void> | undefined {
    return this.#loading;
  }

  /** Reads the replies since the last time; bounded, and it never rejects. */
  load(): void {
    const before = this.#loading ?? Promise.resolve();
    const loading = before.then(() => this.#read()).then(() => {
      if (this.#loading === loading) this.#loading = undefined;
    });
    this.#loading = loading;
  }

  async #read(): Promise<void> {
    const { topics, settings, server, provenance, logger } = this.#options;
    const { windowMs, maxEntries } = settings;
    const start = clock.now();
    const found = new YoungestReplies(settings, (entry) => this.#cache.forget(entry));
    /** One entry for all frames of a stream. */
    const begun = new Map<string, Entry>();
    const add = (reply: SeenReply) => {
      if (reply.frame === undefined) found.add(reply.entry);
      // Those of this server are open, or remembered since they ended.
      else if (reply.server !== server) begun.set(reply.entry.origin.name, reply.entry);
    };
    const checks: Promise<void>[] = [];
    const take = (record: IncomingRecord) => {
      const addAll = (principal?: string) => seen(record, principal).forEach(add);
      if (provenance === undefined) addAll();
      else checks.push(provenance.of(record).then((whose) => whose && addAll(whose.principal)));
    };
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
          onRecord: take,
        });
      }
    } catch (error) {
      logger.warn("reply cache is incomplete; a repeated request may run again", { error });
    }
    await Promise.all(checks);
    // Also after a failure: what was read is not read again.
    for (const entry of begun.values()) this.#cache.learn(entry);
    for (const entry of found.inOrder()) this.#cache.learn(entry);
    const ms = Math.round(clock.now() - start);
    logger.debug("reply cache is loaded", { replies: this.#cache.size, ms });
  }
}

interface SeenReply {
  readonly entry: Entry;
  readonly frame: Frame | undefined;
  readonly server: string | undefined;
}

/** What a record of a results topic says of a request that may be repeated; at most one thing. */
function seen(record: IncomingRecord, principal: string | undefined): SeenReply[] {
  const reply = readReply(record);
  // Without a digest, the request that it answers is not known.
  if (reply.kind !== "reply" || !DIGEST.test(reply.digest ?? "")) return [];
  const { id, digest = "", frame, server } = reply;
  const key = record.headers.get(HEADER.idempotencyKey);
  const identity = { id, digest, principal, idempotencyKey: key && textOf(key) };
  const origin = originOfReply(identity, record);
  if (frame !== undefined) {
    return [{ entry: begunStream(origin, { at: record.timestamp }), frame, server }];
  }
  const metadata = readReplyMetadata(record);
  const outcome = Object.keys(metadata).length === 0
    ? reply.outcome
    : { ...reply.outcome, metadata };
  // A value of the plain protocol, whose records neither repeat nor join a call.
  if (outcome.ok && outcome.output.contentType === TEXT_TYPE) return [];
  const entry = entryOf(origin, outcome, { at: record.timestamp });
  return entry === undefined ? [] : [{ entry, frame, server }];
}
