// Questions about this server, over the control topic.
import { clock } from "../async/clock.ts";
import { LogThrottle } from "../logging/log_throttle.ts";
import type { Logger } from "../logging/logger.ts";
import type { Question } from "../wire/control.ts";
import { MAX_QUESTION_MS } from "../wire/discovery.ts";
import { failedOutcome } from "../wire/failure.ts";
import { JSON_TYPE } from "../wire/headers.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { IncomingRecord } from "../wire/record.ts";
import { recordHash } from "../wire/signature.ts";
import type { Authentication } from "./authentication.ts";
import { deadlineHere } from "./deadline.ts";
import { placeOf, WARN_INTERVAL_MS } from "./incoming_call.ts";
import { RateLimit } from "./rate_limit.ts";
import type { ReplySender } from "./reply_sender.ts";
import { ServerFacts, type ServerFactsOptions } from "./server_facts.ts";

/** Most questions that are being answered. */
const MAX_IN_FLIGHT = 32;
/** A short question may get a long answer of every server: a flood of them must not fill the topic. */
const ANSWERS = { burst: 32, perSecond: 16 };
/** Those without the right signature take nothing of what the others may have. */
const REFUSALS = { burst: 8, perSecond: 4 };

export interface DiscoveryOptions extends ServerFactsOptions {
  readonly replies: ReplySender;
  /** Undefined where questions need no signature. */
  readonly authentication: Authentication | undefined;
  readonly logger: Logger;
}

/** Answers questions about this server; few at a time, whoever asks. */
export class Discovery implements Disposable {
  readonly #options: DiscoveryOptions;
  readonly #facts: ServerFacts;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #answers = new RateLimit(ANSWERS);
  readonly #refusals = new RateLimit(REFUSALS);
  readonly #dropped: LogThrottle;
  #isClosed = false;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#facts = new ServerFacts(options);
    this.#dropped = new LogThrottle(options.logger, { intervalMs: WARN_INTERVAL_MS });
  }

  [Symbol.dispose](): void {
    this.#dropped.close();
  }

  take(record: IncomingRecord, question: Question): void {
    if (this.#isClosed) return;
    if (this.#inFlight.size >= MAX_IN_FLIGHT) return this.#drop(record);
    const { logger } = this.#options;
    const work: Promise<void> = this.#handle(record, question)
      .catch((error) => logger.error("a question cannot be answered", { error }))
      .finally(() => this.#inFlight.delete(work));
    this.#inFlight.add(work);
  }

  /** Says from now on that the server takes no more commands. */
  drains(): void {
    this.#facts.isDraining = true;
  }

  /** Answers no more; resolves when the answers in flight are sent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#inFlight);
  }

  async #handle(record: IncomingRecord, question: Question): Promise<void> {
    const { authentication, settings: { sign }, replies } = this.#options;
    const now = clock.wallTime();
    const until = Math.min(deadlineHere(record, question), now + MAX_QUESTION_MS);
    if (until <= now) return;
    const sender = await authentication?.sender(record, question, "control");
    const limit = sender?.refused === undefined ? this.#answers : this.#refusals;
    if (!limit.take()) return this.#drop(record);
    const { address, refused } = await replies.address(question, record.key);
    const unsigned = sign ?? authentication ? recordHash(record) : undefined;
    const request = sender?.refused === undefined ? sender?.name ?? unsigned : unsigned;
    const outcome = sender?.refused === undefined
      ? refused ?? this.#answer(question)
      : failedOutcome(sender.refused, `Cannot answer about this server: ${sender.reason}.`);
    await replies.send({ ...address, request }, outcome, { until });
  }

  #answer({ detail }: Question): Outcome {
    const bytes = this.#facts.answer(detail);
    return { ok: true, output: { bytes, contentType: JSON_TYPE } };
  }

  #drop(record: IncomingRecord): void {
    this.#dropped.log("a question is not answered: too many come", placeOf(record));
  }
}
