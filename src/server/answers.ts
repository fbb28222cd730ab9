/**
 * From a record to its reply.
 *
 * @module
 */
import type { Executor } from "../executor/executor.ts";
import type { Logger } from "../transport/logger.ts";
import { RpcError } from "../wire/errors.ts";
import { failedOutcome } from "../wire/failure.ts";
import { correlationId, MalformedRecord, utf8 } from "../wire/headers.ts";
import type { IncomingRecord } from "../wire/record.ts";
import type { Outcome, ReplyAddress } from "../wire/reply.ts";
import { readRequest, type Request } from "../wire/request.ts";
import { noCounts, type ServerCounts } from "./counts.ts";
import { explainMissing } from "./missing_command.ts";
import type { ServerSettings } from "./options.ts";
import type { Replies } from "./replies.ts";

/** An expired request is answered this long, for callers whose clock is wrong; then only counted. */
const ANSWER_EXPIRED_MS = 60_000;
/** Malformed records are logged once in this time; a flood of them must not flood the log. */
const COMPLAIN_MS = 10_000;

/** What {@linkcode Answers} needs. */
export interface AnswersOptions {
  /** Settings of the server. */
  readonly settings: ServerSettings;
  /** Runs commands. */
  readonly executor: Executor;
  /** Sends replies. */
  readonly replies: Replies;
  /** Where failures are told. */
  readonly logger: Logger;
}

/** What is sent back, where, and until when anybody can be waiting for it. */
interface Answer {
  readonly address: ReplyAddress;
  readonly outcome: Outcome;
  readonly until: number;
}

/** Answers records: reads them, runs their command, sends its outcome. */
export class Answers {
  /** What was counted so far. */
  readonly counts: ServerCounts = noCounts();
  readonly #options: AnswersOptions;
  readonly #stopping = new AbortController();
  #lastComplaint = -Infinity;

  /**
   * Creates it.
   *
   * @param options What it needs.
   */
  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** Aborts every running command; its caller gets `unavailable` and may try again. */
  stop(): void {
    this.#stopping.abort(
      new RpcError("unavailable", "Cannot finish the command: the server is stopping. Try again."),
    );
  }

  /**
   * Answers a record.
   *
   * @param record Any record of the commands topic, however broken.
   * @param ran Called when its command has run, before the reply is acknowledged.
   * @returns Resolves when the reply is acknowledged, or given up.
   */
  async answer(record: IncomingRecord, ran: () => void): Promise<void> {
    this.counts.received++;
    const answer = await this.#answerTo(record);
    ran();
    if (answer === undefined) return;
    const { address, outcome, until } = answer;
    if (!await this.#options.replies.send(address, outcome, until)) this.counts.lost++;
  }

  #answerTo(record: IncomingRecord): Promise<Answer | undefined> {
    const read = readRequest(record);
    switch (read.kind) {
      case "request":
        return this.#answerRequest(record, read.request);
      case "plain":
        return this.#answerPlain(record, read.expression);
      case "future": {
        const text = `it speaks version ${read.version} of the protocol, this server speaks ` +
          "version 1. Update the server first, then its clients";
        return Promise.resolve(this.#refuse(record, "failed_precondition", text));
      }
      case "malformed":
        return Promise.resolve(this.#refuse(record, "invalid_argument", read.reason));
    }
  }

  async #answerRequest(record: IncomingRecord, request: Request): Promise<Answer | undefined> {
    const { address, refused } = await this.#options.replies.address(request, record.key);
    if (refused !== undefined) return this.#finish(address, refused, Infinity);
    const { deadline = Infinity } = request;
    if (deadline <= Date.now()) return this.#expire(address, request, deadline);
    return await this.#run(address, request, "value");
  }

  async #answerPlain(record: IncomingRecord, expression: string): Promise<Answer> {
    const id = idOf(record);
    const request: Request = {
      id: id ?? `${record.topic}-${record.partition}-${record.offset}`,
      command: "eval",
      // The command gets what a client would send: the expression as a JSON string.
      input: { bytes: utf8(JSON.stringify(expression)), contentType: "application/json" },
      attempt: 1,
      metadata: {},
    };
    const address = { topic: this.#options.settings.resultsTopic, key: record.key, id };
    return await this.#run(address, request, "text");
  }

  async #run(
    address: ReplyAddress,
    request: Request,
    resultAs: "value" | "text",
  ): Promise<Answer> {
    const { executor, settings, logger } = this.#options;
    const { id, command, input, attempt, metadata, trace, deadline: asked = Infinity } = request;
    const refusal = this.#refusal(request);
    if (refusal !== undefined) return this.#finish(address, refusal, asked);
    const timeoutMs = Math.min(asked - Date.now(), settings.limits.timeoutMs);
    const controller = new AbortController();
    const signal = AbortSignal.any([controller.signal, this.#stopping.signal]);
    const timer = setTimeout(() => controller.abort(overran(command, timeoutMs)), timeoutMs);
    const start = performance.now();
    const context = { id, command, deadline: Date.now() + timeoutMs, attempt, metadata, trace };
    this.counts.running++;
    const outcome = await executor.run({ input, context, resultAs }, signal);
    this.counts.running--;
    clearTimeout(timer);
    const status = outcome.ok ? "ok" : outcome.failure.code;
    logger.debug("command ran", { id, command, status, ms: Math.round(performance.now() - start) });
    return this.#finish(address, outcome, asked);
  }

  /** Why a request is not run at all; undefined where it is. */
  #refusal({ command, input }: Request): Outcome | undefined {
    const { executor, settings } = this.#options;
    if (!executor.commands.includes(command)) return explainMissing(command, executor.commands);
    const size = input.bytes.byteLength;
    const { requestBytes } = settings.limits;
    if (size <= requestBytes) return undefined;
    return failedOutcome(
      "resource_exhausted",
      `Cannot run "${command}": its input has ${size} bytes, the limit of this server is ` +
        `${requestBytes}. Send less, or raise \`limits.requestBytes\`.`,
    );
  }

  #expire(address: ReplyAddress, request: Request, deadline: number): Answer | undefined {
    this.counts.expired++;
    const late = Date.now() - deadline;
    this.#options.logger.debug("an expired request is not started", { id: request.id, late });
    if (late > ANSWER_EXPIRED_MS) return undefined;
    const outcome = failedOutcome(
      "deadline_exceeded",
      `Cannot run "${request.command}": its deadline passed ${late} ms before a server had it. ` +
        "Raise `timeoutMs`, add servers, or set the clocks of both machines.",
    );
    return { address, outcome, until: Date.now() + ANSWER_EXPIRED_MS };
  }

  /** The answer to a record that can't be read, where there is somebody to answer. */
  #refuse(
    record: IncomingRecord,
    code: "invalid_argument" | "failed_precondition",
    reason: string,
  ): Answer | undefined {
    this.counts.malformed++;
    const { logger, settings } = this.#options;
    const now = performance.now();
    if (now - this.#lastComplaint >= COMPLAIN_MS) {
      this.#lastComplaint = now;
      const { topic, partition, offset } = record;
      const { malformed } = this.counts;
      logger.warn("a record cannot be read", { topic, partition, offset, reason, malformed });
    }
    const id = idOf(record);
    if (id === undefined) return undefined;
    const address = { topic: settings.resultsTopic, key: record.key, id };
    const outcome = failedOutcome(code, `Cannot read the request: ${reason}.`);
    return { address, outcome, until: Date.now() + ANSWER_EXPIRED_MS };
  }

  #finish(address: ReplyAddress, outcome: Outcome, until: number): Answer {
    if (outcome.ok) this.counts.succeeded++;
    else this.counts.failed++;
    // Without a deadline somebody may wait as long as a command may take.
    const longest = Date.now() + this.#options.settings.limits.timeoutMs;
    return { address, outcome, until: Math.min(until, longest) };
  }
}

function overran(command: string, timeoutMs: number): RpcError {
  return new RpcError(
    "deadline_exceeded",
    `Cannot finish "${command}": it ran longer than the ${timeoutMs} ms that its caller and ` +
      "`limits.timeoutMs` leave it.",
  );
}

function idOf(record: IncomingRecord): string | undefined {
  try {
    return correlationId(record);
  } catch (error) {
    if (error instanceof MalformedRecord) return undefined;
    throw error;
  }
}
