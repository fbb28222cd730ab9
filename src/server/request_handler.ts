// From a record to its reply.
import { clock } from "../async/clock.ts";
import { Deadlines } from "../async/deadlines.ts";
import type { Logger } from "../logging/logger.ts";
import { LogThrottle } from "../logging/log_throttle.ts";
import type { CallHandler } from "../pipeline/call.ts";
import { passedCount, type PassedRecords } from "../transport/transport.ts";
import { recordDigest } from "../wire/digest.ts";
import type { RpcCode, RpcError } from "../wire/errors.ts";
import { failedOutcome } from "../wire/failure.ts";
import {
  correlationId,
  EVAL_COMMAND,
  HEADER,
  JSON_TYPE,
  MalformedRecord,
  utf8,
} from "../wire/headers.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { IncomingRecord } from "../wire/record.ts";
import type { ReplyAddress } from "../wire/reply.ts";
import { isOneWay, readRequest, type Request } from "../wire/request.ts";
import { CallTimes } from "./call_times.ts";
import type { ServerCounts } from "./counts.ts";
import { deadlineHere } from "./deadline.ts";
import type { DeadLetters } from "./dead_letters.ts";
import {
  Ending,
  type IncomingCall,
  LATE_REPLY_MS,
  placeOf,
  WARN_INTERVAL_MS,
} from "./incoming_call.ts";
import { NOWHERE, OneWayCalls } from "./one_way_calls.ts";
import { originOf } from "./origin.ts";
import type { Addressed, ReplySender } from "./reply_sender.ts";
import type { ServerSettings } from "./settings.ts";

export interface RequestHandlerOptions {
  readonly settings: Pick<ServerSettings, "resultsTopic" | "limits">;
  readonly pipeline: CallHandler<IncomingCall>;
  /** Undefined where records that can't be read are not kept. */
  readonly deadLetters: DeadLetters | undefined;
  readonly replies: ReplySender;
  readonly logger: Logger;
  readonly counts: ServerCounts;
}

/** Handles records: reads them, sends calls through the pipeline, and the outcomes as replies. */
export class RequestHandler implements Disposable {
  readonly #options: RequestHandlerOptions;
  readonly #malformed: LogThrottle;
  readonly #oneWay: OneWayCalls;
  readonly #deadlines = new Deadlines();
  readonly #inFlight = new Set<Ending>();
  #stopped: RpcError | undefined;

  constructor(options: RequestHandlerOptions) {
    this.#options = options;
    this.#malformed = new LogThrottle(options.logger, { intervalMs: WARN_INTERVAL_MS });
    this.#oneWay = new OneWayCalls(options);
  }

  [Symbol.dispose](): void {
    this.#malformed.close();
    this.#oneWay[Symbol.dispose]();
    this.#options.replies[Symbol.dispose]();
  }

  /**
   * Handles any record of the commands topic, however broken. False where the record was released,
   * and must come again. No promise where nothing is sent: junk may come by the hundred thousand.
   */
  handle(record: IncomingRecord): Promise<boolean> | boolean {
    this.#options.counts.received++;
    const read = readRequest(record);
    // An answer to a reply that lies among the commands would be answered in turn, for ever.
    if (record.headers.has(HEADER.status)) {
      const reason = read.kind === "malformed" ? read.reason : `it has ${HEADER.status}: a reply`;
      return this.#refuse(record, { reason, code: undefined });
    }
    const noReply = isOneWay(record);
    switch (read.kind) {
      case "request":
        return this.#request(record, read.request);
      case "plain":
        return this.#answer(this.#expression(record, read.expression));
      case "future": {
        const reason = `it speaks version ${read.version} of the protocol, this server speaks ` +
          "version 1. Update the server first, then its clients";
        return this.#refuse(record, { reason, code: noReply ? undefined : "failed_precondition" });
      }
      case "malformed":
        return this.#refuse(record, {
          reason: read.reason,
          code: noReply ? undefined : "invalid_argument",
        });
    }
  }

  /** Counts records that the transport could not read and has logged; keeps their place. */
  async pass(passed: PassedRecords): Promise<void> {
    const { counts, deadLetters } = this.#options;
    const count = passedCount(passed);
    counts.received += count;
    counts.malformed += count;
    await deadLetters?.keepPlace(passed);
  }

  /** Ends every wait inside the executor: another server has the partitions from now on. */
  evict(): void {
    for (const ending of this.#inFlight) ending.evict();
  }

  /** Aborts every call, and each that comes later. */
  stop(reason: RpcError): void {
    this.#stopped = reason;
    for (const ending of this.#inFlight) ending.abort(reason);
  }

  #request(record: IncomingRecord, request: Request): Promise<boolean> {
    if (request.oneWay) return this.#addressed(record, request, { address: NOWHERE });
    const addressed = this.#options.replies.address(request, record.key);
    return addressed instanceof Promise
      ? addressed.then((addressed) => this.#addressed(record, request, addressed))
      : this.#addressed(record, request, addressed);
  }

  #addressed(
    record: IncomingRecord,
    request: Request,
    { address, refused }: Addressed,
  ): Promise<boolean> {
    const { settings: { limits } } = this.#options;
    const digest = recordDigest(record);
    const { id, idempotencyKey } = request;
    const replyTo = { ...address, digest, idempotencyKey };
    const origin = originOf({ id, digest, idempotencyKey }, replyTo);
    const call = this.#call(record, { request, replyTo, origin, resultAs: "value" });
    // Its deadline is not judged: the caller must hear of its mistake.
    if (refused !== undefined) call.ending.replyUntil = clock.wallTime() + limits.timeoutMs;
    return this.#answer(call, refused);
  }

  #expression(record: IncomingRecord, expression: string): IncomingCall {
    const id = idOf(record);
    const request: Request = {
      id: id ?? `${record.topic}-${record.partition}-${record.offset}`,
      command: EVAL_COMMAND,
      // The command gets what a client would send: the expression as a JSON string.
      input: { bytes: utf8(JSON.stringify(expression)), contentType: JSON_TYPE },
      attempt: 1,
      metadata: {},
    };
    // Its digest is that of no request: a call that waits under this key does not take the value of
    // an expression for its result.
    const replyTo = this.#resultsAddress(record, id);
    return this.#call(record, { request, replyTo, origin: undefined, resultAs: "text" });
  }

  #call(
    record: IncomingRecord,
    parts: { request: Request } & Pick<IncomingCall, "replyTo" | "origin" | "resultAs">,
  ): IncomingCall {
    const { request, replyTo, origin, resultAs } = parts;
    const { id, command, input, metadata, trace, attempt, oneWay } = request;
    const deadline = deadlineHere(record, request);
    const ending = new Ending(this.#deadlines);
    if (request.wantsReceipt) ending.times = new CallTimes();
    return {
      id,
      command,
      input,
      metadata,
      trace,
      attempt,
      deadline,
      signal: ending.signal,
      place: placeOf(record),
      replyTo,
      origin,
      resultAs,
      ending,
      oneWay,
      record: oneWay ? record : undefined,
    };
  }

  /** Sends the outcome of a call, or what its request was refused with. */
  #answer(call: IncomingCall, refused?: Outcome): Promise<boolean> {
    const { ending } = call;
    this.#inFlight.add(ending);
    if (this.#stopped !== undefined) ending.abort(this.#stopped);
    const fail = (error: unknown): never => {
      this.#settle(ending);
      throw error;
    };
    try {
      // No async function: those that wait by the thousand would keep half a kilobyte each for it.
      const { pipeline } = this.#options;
      const outcome = refused === undefined ? pipeline(call) : Promise.resolve(refused);
      return outcome.then((outcome) => {
        this.#settle(ending);
        return this.#reply(call, outcome);
      }, fail);
    } catch (error) {
      return fail(error);
    }
  }

  #settle(ending: Ending): void {
    this.#inFlight.delete(ending);
    ending.settle();
  }

  #reply(call: IncomingCall, outcome: Outcome): Promise<boolean> | boolean {
    const { counts, replies, settings: { limits } } = this.#options;
    const { ending } = call;
    if (call.oneWay) return this.#oneWay.end(call, outcome, this.#stopped);
    if (ending.fate !== "answered") return ending.fate === "unanswered";
    if (!ending.counted) counts[outcome.ok ? "succeeded" : "failed"]++;
    // Without a deadline, a caller may wait as long as a command may take.
    const until = ending.replyUntil ?? Math.min(call.deadline, clock.wallTime() + limits.timeoutMs);
    const receipt = ending.times?.header(call);
    return replies.send(call.replyTo, outcome, { until, receipt }).then((isSent) => {
      if (!isSent) counts.lost++;
      return true;
    });
  }

  /** Answers a record that can't be read, where it has an id; without a code, not even there. */
  #refuse(
    record: IncomingRecord,
    { reason, code }: { reason: string; code: RpcCode | undefined },
  ): Promise<boolean> | boolean {
    const { counts, deadLetters } = this.#options;
    counts.malformed++;
    this.#malformed.log("a record cannot be read", { ...placeOf(record), reason });
    const id = code === undefined ? undefined : idOf(record);
    if (id !== undefined && code !== undefined) {
      return this.#sendRefusal(record, { reason, code, id });
    }
    return deadLetters === undefined || deadLetters.keep(record, reason).then(() => true);
  }

  async #sendRefusal(
    record: IncomingRecord,
    { reason, code, id }: { reason: string; code: RpcCode; id: string },
  ): Promise<boolean> {
    const { counts, deadLetters, replies } = this.#options;
    await deadLetters?.keep(record, reason);
    const outcome = failedOutcome(code, `Cannot read the request: ${reason}.`);
    const until = clock.wallTime() + LATE_REPLY_MS;
    if (!await replies.send(this.#resultsAddress(record, id), outcome, { until })) counts.lost++;
    return true;
  }

  /** With a digest: by an id alone, the reply would be one to another request as well. */
  #resultsAddress(record: IncomingRecord, id: string | undefined): ReplyAddress {
    const { resultsTopic } = this.#options.settings;
    return { topic: resultsTopic, key: record.key, id, digest: recordDigest(record) };
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
