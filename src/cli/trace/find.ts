// Finds the records of one call, by its id.
import { utf8 } from "../../wire/utf8.ts";
import { HEADER } from "../../wire/headers.ts";
import type { IncomingRecord } from "../../wire/record.ts";
import type { OtherRecords, RecordLog, ScanStep } from "../../transport/kafka/record_log.ts";
import { partitionOf } from "../../transport/murmur2.ts";
import type { Connection } from "../connection.ts";
import { headerNumber, headerText, isAbout, timeOfId } from "../record_text.ts";

/** A record may be dated by another clock than its id: the broker's, or the server's. */
const CLOCKS_MS = 5_000;
/** Later attempts of a call come within this time of the first. */
const ATTEMPTS_MS = 60_000;
/** Records of the same partition that are read on for them at most. */
const ATTEMPT_RECORDS = 50_000;
/** Replies that are looked at to find one that is signed as it must be. */
const MOST_REPLIES = 100;
/** A reply comes after the deadline at most so late, if a server was slow to notice it. */
const LATE_MS = 60_000;
/**
 * So many records in a row that are dated too late end a partition. Fewer say nothing of those behind
 * them: whoever sent them may have a clock that is ahead.
 */
const YOUNGER_RECORDS = 10_000;

export interface FindOptions {
  /** Unix milliseconds where an id does not say its time. */
  readonly sinceMs: number;
  /** Most records that are read of a topic. */
  readonly limit: number;
  /** Whether the first reply may be a forged one, so that those after it count too. */
  readonly everyReply: boolean;
  readonly signal: AbortSignal;
  /** Called now and then with how many records were read so far. */
  readonly onProgress: (topic: string, read: number) => void;
}

/** What the topics have of a call. */
export interface Found {
  /** Every attempt, in the order of their offsets. */
  readonly requests: readonly IncomingRecord[];
  /** The first one; every one where `everyReply` asks for them. */
  readonly replies: readonly IncomingRecord[];
  readonly cancellation: IncomingRecord | undefined;
  /** Whether the limit ended the search. */
  readonly limited: boolean;
}

const PROGRESS_EVERY = 20_000;

/** Creates what says, of the records that are passed, whether younger ones are all that is left. */
function onlyYounger(): (others: OtherRecords, until: number) => boolean {
  const inRow = new Map<number, number>();
  return ({ partition, timestamp, count }, until) => {
    const row = timestamp > until ? (inRow.get(partition) ?? 0) + count : 0;
    inRow.set(partition, row);
    return row > YOUNGER_RECORDS;
  };
}

/** Looks for what can be where it should be; then, for a request, everywhere. */
export async function findCall(
  log: RecordLog,
  id: string,
  connection: Connection,
  options: FindOptions,
): Promise<Found> {
  const search = new Search(log, id, options);
  const { topic, resultsTopic, controlTopic } = connection;
  const sentAt = timeOfId(id);
  const since = (sentAt ?? options.sinceMs) - CLOCKS_MS;
  const requests = await search.requests(topic, since, sentAt);
  const [first] = requests;
  const replyTopic = first && headerText(first, HEADER.replyTopic) || resultsTopic;
  const isOneWay = first !== undefined && headerText(first, HEADER.reply) === "none";
  const [replies, cancellation] = await Promise.all([
    isOneWay ? [] : search.replies(replyTopic, first, since),
    search.cancellation(controlTopic, since, first),
  ]);
  return { requests, replies, cancellation, limited: search.limited };
}

/** One search through the topics. */
class Search {
  readonly #log: RecordLog;
  readonly #id: string;
  readonly #options: FindOptions;
  limited = false;

  constructor(log: RecordLog, id: string, options: FindOptions) {
    this.#log = log;
    this.#id = id;
    this.#options = options;
  }

  /** The partition that the id's hash names comes first; a call with a key of its own is elsewhere. */
  async requests(
    topic: string,
    since: number,
    sentAt: number | undefined,
  ): Promise<IncomingRecord[]> {
    const until = sentAt === undefined ? Infinity : sentAt + ATTEMPTS_MS + CLOCKS_MS;
    const starts = await this.#log.offsets(topic, since, this.#options.signal);
    const likely = partitionOf(utf8(this.#id), starts.size);
    const isLikely = ([partition]: [number, bigint]) => partition === likely;
    for (const chosen of [isLikely, (one: [number, bigint]) => !isLikely(one)]) {
      const from = new Map([...starts].filter(chosen));
      const found = await this.#scanForRequests(topic, from, until);
      if (found.length > 0 || this.limited) return found;
    }
    return [];
  }

  async #scanForRequests(
    topic: string,
    from: ReadonlyMap<number, bigint>,
    until: number,
  ): Promise<IncomingRecord[]> {
    const found: IncomingRecord[] = [];
    let after = 0;
    const isOver = onlyYounger();
    await this.#scan(topic, from, {
      take: (record) => void found.push(record),
      pass: (others) => {
        const [first] = found;
        if (first === undefined) return isOver(others, until) ? "leave" : undefined;
        // All attempts are in one partition, and within the time of a call.
        if (others.partition !== first.partition) return "leave";
        after += others.count;
        const lastAt = first.timestamp + ATTEMPTS_MS;
        return isOver(others, lastAt) || after > ATTEMPT_RECORDS ? "stop" : undefined;
      },
    });
    return found;
  }

  /** Where the request names the partition of its reply, only that one is read. */
  async replies(
    topic: string,
    request: IncomingRecord | undefined,
    since: number,
  ): Promise<IncomingRecord[]> {
    const starts = await this.#log.offsets(topic, since, this.#options.signal);
    const key = request?.key ?? utf8(this.#id);
    const named = request && headerNumber(request, HEADER.replyPartition);
    const partition = named ?? (request === undefined ? undefined : partitionOf(key, starts.size));
    const from = partition === undefined
      ? starts
      : new Map([...starts].filter(([one]) => one === partition));
    const deadline = request && headerNumber(request, HEADER.deadline);
    const until = deadline === undefined ? Infinity : deadline + LATE_MS;
    // The last frame of a stream is its outcome.
    const isOutcome = ({ headers }: IncomingRecord) => !headers.has(HEADER.more);
    const most = this.#options.everyReply ? MOST_REPLIES : 1;
    return await this.#about(topic, from, { until, most, isWanted: isOutcome });
  }

  async cancellation(
    topic: string,
    since: number,
    request: IncomingRecord | undefined,
  ): Promise<IncomingRecord | undefined> {
    if (request === undefined) return undefined;
    const deadline = headerNumber(request, HEADER.deadline) ?? Infinity;
    try {
      const starts = await this.#log.offsets(topic, since, this.#options.signal);
      const isCancel = (record: IncomingRecord) => headerText(record, HEADER.control) === "cancel";
      const search = { until: deadline + LATE_MS, most: 1, isWanted: isCancel };
      const [first] = await this.#about(topic, starts, search);
      return first;
    } catch (error) {
      this.#options.signal.throwIfAborted();
      if (error instanceof Error) return undefined; // a service need not have the topic
      throw error;
    }
  }

  /** The first records about the call that are not younger than `until`. */
  async #about(
    topic: string,
    from: ReadonlyMap<number, bigint>,
    { until, most, isWanted }: {
      readonly until: number;
      readonly most: number;
      readonly isWanted: (record: IncomingRecord) => boolean;
    },
  ): Promise<IncomingRecord[]> {
    const found: IncomingRecord[] = [];
    const isOver = onlyYounger();
    await this.#scan(topic, from, {
      take: (record) => {
        if (!isWanted(record)) return;
        found.push(record);
        return found.length >= most ? "stop" : undefined;
      },
      pass: (others) => isOver(others, until) ? "leave" : undefined,
    });
    return found;
  }

  /** `take` gets each record about the call; `pass` hears of that and of all others. */
  async #scan(
    topic: string,
    from: ReadonlyMap<number, bigint>,
    { take, pass }: {
      readonly take: (record: IncomingRecord) => ScanStep | void;
      readonly pass: (records: OtherRecords) => ScanStep;
    },
  ): Promise<void> {
    const { limit, signal, onProgress } = this.#options;
    let read = 0;
    const visitOthers = (others: OtherRecords): ScanStep => {
      const before = read;
      read += others.count;
      if (Math.floor(read / PROGRESS_EVERY) > Math.floor(before / PROGRESS_EVERY)) {
        onProgress(topic, read);
      }
      const step = pass(others);
      if (step !== undefined || read < limit) return step;
      this.limited = true;
      return "stop";
    };
    await this.#log.scan({
      topic,
      from,
      signal,
      visit: (record) => {
        const taken = isAbout(record, this.#id) ? take(record) : undefined;
        const { partition, timestamp } = record;
        return taken || visitOthers({ partition, timestamp, count: 1 });
      },
      search: { bytes: utf8(this.#id), visitOthers },
    });
  }
}
