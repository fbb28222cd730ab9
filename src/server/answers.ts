/**
 * From a record to its reply.
 *
 * @module
 */
import { clock } from "../async/clock.ts";
import { LogThrottle } from "../logging/log_throttle.ts";
import type { Logger } from "../logging/logger.ts";
import { passedCount, type PassedRecords } from "../transport/transport.ts";
import { failedOutcome } from "../wire/failure.ts";
import { correlationId, HEADER, MalformedRecord, utf8 } from "../wire/headers.ts";
import type { IncomingRecord } from "../wire/record.ts";
import { recordDigest } from "../wire/digest.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { ReplyAddress } from "../wire/reply.ts";
import { readRequest, type Request } from "../wire/request.ts";
import type { CallsUnderWay } from "./calls_under_way.ts";
import type { ServerCounts } from "./counts.ts";
import { deadlineHere } from "./deadline.ts";
import type { DeadLetters } from "./dead_letters.ts";
import type { ServerSettings } from "./options.ts";
import { difference, originOf } from "./origin.ts";
import type { ReplayMemory } from "./replay.ts";
import type { Replies } from "./replies.ts";
import type { Runs } from "./runs.ts";

/** An expired request is answered this long, for callers whose clock is wrong; then only counted. */
const ANSWER_EXPIRED_MS = 60_000;
/** What others write to the topic must not flood the log: minimum interval between lines. */
const WARN_INTERVAL_MS = 10_000;

/** What {@linkcode Answers} needs. */
export interface AnswersOptions {
  /** Settings of the server. */
  readonly settings: ServerSettings;
  /** Runs requests. */
  readonly runs: Runs;
  /** What is worked on, by id. */
  readonly calls: CallsUnderWay;
  /** What was answered lately; undefined where repeated requests run again. */
  readonly replay: ReplayMemory | undefined;
  /** Keeps what can't be read; undefined where nobody wants it. */
  readonly deadLetters: DeadLetters | undefined;
  /** Sends replies. */
  readonly replies: Replies;
  /** Where failures are told. */
  readonly logger: Logger;
  /** What is counted. */
  readonly counts: ServerCounts;
}

/** What is sent back, where, and until when anybody can be waiting for it. */
interface Answer {
  readonly address: ReplyAddress;
  readonly outcome: Outcome;
  readonly until: number;
}

/** What becomes of a record: an answer, none, or another server's work. */
type Verdict = Answer | "unanswered" | "released";

/** Answers records: reads them, runs their command, sends its outcome. */
export class Answers implements Disposable {
  readonly #options: AnswersOptions;
  readonly #malformed: LogThrottle;
  readonly #late: LogThrottle;
  readonly #conflicts: LogThrottle;

  /**
   * Creates it.
   *
   * @param options What it needs.
   */
  constructor(options: AnswersOptions) {
    this.#options = options;
    const throttle = () => new LogThrottle(options.logger, { intervalMs: WARN_INTERVAL_MS });
    this.#malformed = throttle();
    this.#late = throttle();
    this.#conflicts = throttle();
  }

  /** Reports the log lines that were left out. */
  [Symbol.dispose](): void {
    this.#malformed.close();
    this.#late.close();
    this.#conflicts.close();
    this.#options.replies[Symbol.dispose]();
  }

  /**
   * Answers a record.
   *
   * @param record Any record of the commands topic, however broken.
   * @returns True when the reply is acknowledged or given up; false where the record was let go of,
   * and must come again. No promise where nothing is sent.
   */
  answer(record: IncomingRecord): Promise<boolean> | boolean {
    this.#options.counts.received++;
    const verdict = this.#verdict(record);
    return verdict === "unanswered" || this.#send(verdict);
  }

  async #send(judged: Promise<Verdict> | Answer): Promise<boolean> {
    const { counts, replies } = this.#options;
    const verdict = await judged;
    if (verdict === "released") return false;
    if (verdict === "unanswered") return true;
    const { address, outcome, until } = verdict;
    if (!await replies.send(address, outcome, until)) counts.lost++;
    return true;
  }

  /**
   * Counts records that nobody can read, and keeps what is known of them where that is wanted. The
   * transport has logged them.
   *
   * @param passed Their offsets, and why they can't be read.
   */
  async pass(passed: PassedRecords): Promise<void> {
    const { counts, deadLetters } = this.#options;
    const count = passedCount(passed);
    counts.received += count;
    counts.malformed += count;
    await deadLetters?.keepPlace(passed);
  }

  #verdict(record: IncomingRecord): Promise<Verdict> | Answer | "unanswered" {
    const read = readRequest(record);
    switch (read.kind) {
      case "request":
        return this.#request(record, read.request);
      case "plain":
        return this.#plain(record, read.expression);
      case "future": {
        const text = `it speaks version ${read.version} of the protocol, this server speaks ` +
          "version 1. Update the server first, then its clients";
        return this.#refuse(record, "failed_precondition", text);
      }
      case "malformed":
        return this.#refuse(record, "invalid_argument", read.reason);
    }
  }

  async #request(record: IncomingRecord, request: Request): Promise<Verdict> {
    const { replies, replay, calls, counts, runs } = this.#options;
    const digest = recordDigest(record);
    const { address: place, refused } = await replies.address(request, record.key);
    const address = { ...place, digest };
    if (refused !== undefined) return this.#answer(address, refused, Infinity);
    const deadline = deadlineHere(record, request);
    if (deadline <= clock.wallTime()) return this.#expire(record, { address, request, deadline });
    const { id } = request;
    const origin = originOf({ id, digest }, address);
    if (calls.isCanceled(origin)) return this.#canceled();
    const earlier = replay?.recall(origin);
    const joined = earlier === undefined ? calls.get(id) : undefined;
    const conflict = earlier?.conflict ?? (joined && difference(joined.origin, origin));
    if (conflict !== undefined) return this.#conflict(record, { address, request, conflict });
    if (earlier !== undefined || joined !== undefined) counts.repeated++;
    if (earlier?.outcome !== undefined) return this.#again(address, earlier.outcome, deadline);
    const call = joined ?? calls.begin(origin, async (signal) => {
      const outcome = await runs.run(request, { resultAs: "value", deadline, signal });
      if (outcome !== undefined) replay?.remember(origin, outcome);
      return outcome;
    });
    const outcome = await call.outcome;
    if (call.signal.aborted) return this.#canceled();
    if (outcome === undefined) return "released";
    // The one that ran is counted once, by the request that it ran for.
    return call === joined
      ? this.#again(address, outcome, deadline)
      : this.#answer(address, outcome, deadline);
  }

  async #plain(record: IncomingRecord, expression: string): Promise<Verdict> {
    const id = idOf(record);
    const request: Request = {
      id: id ?? `${record.topic}-${record.partition}-${record.offset}`,
      command: "eval",
      // The command gets what a client would send: the expression as a JSON string.
      input: { bytes: utf8(JSON.stringify(expression)), contentType: "application/json" },
      attempt: 1,
      metadata: {},
    };
    // Its digest is that of no request: whoever waits under this key for another one does not take
    // the value of an expression for its result.
    const digest = recordDigest(record);
    const address = { topic: this.#options.settings.resultsTopic, key: record.key, id, digest };
    const deadline = deadlineHere(record, request);
    if (deadline <= clock.wallTime()) return this.#expire(record, { address, request, deadline });
    // Its key is chosen by a person, who may use it again: it neither repeats nor joins a call.
    const { signal } = new AbortController();
    const how = { resultAs: "text", deadline, signal } as const;
    const outcome = await this.#options.runs.run(request, how);
    return outcome === undefined ? "released" : this.#answer(address, outcome, deadline);
  }

  /** The id is that of another request: its result is for its caller alone. */
  #conflict(
    record: IncomingRecord,
    refused: { address: ReplyAddress; request: Request; conflict: string },
  ): Verdict {
    const { address, request: { id, command }, conflict } = refused;
    const { topic, partition, offset } = record;
    const fields = { id, command, topic, partition, offset, conflict };
    this.#conflicts.log("a request has the id of another one, it is refused", fields);
    const outcome = failedOutcome(
      "already_exists",
      `Cannot run "${command}": its id is that of a request with ${conflict}. Give each call an ` +
        "id of its own; send the same call again as it was, from where it was sent.",
    );
    return this.#answer(address, outcome, clock.wallTime() + ANSWER_EXPIRED_MS);
  }

  #canceled(): Verdict {
    this.#options.counts.canceled++;
    return "unanswered";
  }

  #expire(
    record: IncomingRecord,
    expired: { address: ReplyAddress; request: Request; deadline: number },
  ): Verdict {
    const { address, request, deadline } = expired;
    this.#options.counts.expired++;
    const late = clock.wallTime() - deadline;
    this.#options.logger.debug("an expired request is not started", { id: request.id, late });
    if (late > ANSWER_EXPIRED_MS) {
      const { id, command } = request;
      const { topic, partition, offset } = record;
      const lateMs = Math.round(late);
      // A clock that is behind looks the same as a wait in the topic: the reader must tell them apart.
      this.#late.log(
        "a request came long after its deadline: it waited in the topic, or the clocks differ",
        { id, command, topic, partition, offset, lateMs },
      );
      return "unanswered";
    }
    const outcome = failedOutcome(
      "deadline_exceeded",
      `Cannot run "${request.command}": its deadline passed ${late} ms before a server had it. ` +
        "Raise `timeoutMs`, add servers, or set the clocks of both machines.",
    );
    return { address, outcome, until: clock.wallTime() + ANSWER_EXPIRED_MS };
  }

  /** The answer to a record that can't be read, where there is somebody to answer. */
  #refuse(
    record: IncomingRecord,
    code: "invalid_argument" | "failed_precondition",
    reason: string,
  ): Promise<Verdict> | Answer | "unanswered" {
    const { counts, deadLetters } = this.#options;
    counts.malformed++;
    const { topic, partition, offset } = record;
    this.#malformed.log("a record cannot be read", { topic, partition, offset, reason });
    const refusal = this.#refusal(record, code, reason);
    return deadLetters === undefined
      ? refusal
      : deadLetters.keep(record, reason).then(() => refusal);
  }

  #refusal(
    record: IncomingRecord,
    code: "invalid_argument" | "failed_precondition",
    reason: string,
  ): Answer | "unanswered" {
    // An answer to a reply that lies among the commands would be answered in turn, for ever.
    const id = record.headers.has(HEADER.status) ? undefined : idOf(record);
    if (id === undefined) return "unanswered";
    // With a digest: by an id alone, nobody must get this in answer to another request.
    const digest = recordDigest(record);
    const address = { topic: this.#options.settings.resultsTopic, key: record.key, id, digest };
    const outcome = failedOutcome(code, `Cannot read the request: ${reason}.`);
    return { address, outcome, until: clock.wallTime() + ANSWER_EXPIRED_MS };
  }

  #answer(address: ReplyAddress, outcome: Outcome, until: number): Answer {
    const { counts } = this.#options;
    if (outcome.ok) counts.succeeded++;
    else counts.failed++;
    return this.#again(address, outcome, until);
  }

  /** An answer that was counted before, or is not to be. */
  #again(address: ReplyAddress, outcome: Outcome, until: number): Answer {
    // Without a deadline somebody may wait as long as a command may take.
    const { timeoutMs } = this.#options.settings.limits;
    return { address, outcome, until: Math.min(until, clock.wallTime() + timeoutMs) };
  }
}

function idOf(record: IncomingRecord): string | undefined {
  try {
    return correlationId(record);
  } catch (error) {
    if (error instanceof MalformedRecord) return undefined;
    throw error;
  }
}
