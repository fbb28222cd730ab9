// From a record to its reply.
import { clock } from "../async/clock.ts";
import { Deadlines } from "../async/deadlines.ts";
import type { Logger } from "../logging/logger.ts";
import type { CallHandler } from "../pipeline/call.ts";
import { passedCount } from "../transport/passed_records.ts";
import type { PassedRecords } from "../transport/transport.ts";
import { recordDigest } from "../wire/digest.ts";
import type { RpcError } from "../wire/errors.ts";
import { EVAL_COMMAND, HEADER, JSON_TYPE, readableId } from "../wire/headers.ts";
import { utf8 } from "../wire/utf8.ts";
import type { Outcome } from "../wire/outcome.ts";
import type { Authentication, Sender } from "./authentication.ts";
import type { IncomingRecord } from "../wire/record.ts";
import { readRequest, type Request } from "../wire/request.ts";
import { CallTimes } from "./call_times.ts";
import type { CommandPolicies } from "./command_policies.ts";
import { type CommandStatistics, countEnd } from "./command_statistics.ts";
import type { ServerCounts } from "./counts.ts";
import { deadlineHere } from "./deadline.ts";
import type { DeadLetters } from "./dead_letters.ts";
import { Ending } from "./ending.ts";
import { type IncomingCall, type LogPlace, placeOf } from "./incoming_call.ts";
import { TO_ALL } from "./calls_to_all.ts";
import { NOWHERE, OneWayCalls } from "./one_way_calls.ts";
import { originOf } from "./origin.ts";
import { RefusedRecords } from "./refused_records.ts";
import { type Addressed, type ReplySender, replyToOf } from "./reply_sender.ts";
import type { ServerSettings } from "./settings.ts";
import { OutgoingStream, type OutgoingStreamOptions } from "./streams/outgoing_stream.ts";

/** A request, and whose it is; undefined where requests need no signature. */
interface Taken {
  readonly record: IncomingRecord;
  readonly request: Request;
  readonly sender: Sender | undefined;
}

export interface RequestHandlerOptions {
  readonly settings:
    & Pick<ServerSettings, "resultsTopic" | "limits">
    & Partial<Pick<ServerSettings, "sign" | "allowPlain" | "controlTopic">>;
  /** Undefined where requests need no signature. */
  readonly authentication?: Authentication | undefined;
  readonly policies: CommandPolicies;
  readonly statistics?: CommandStatistics;
  readonly pipeline: CallHandler<IncomingCall>;
  /** Undefined where records that can't be read are not kept. */
  readonly deadLetters: DeadLetters | undefined;
  /** Called with the place of a request whose stream has begun. */
  readonly onBegun: (place: LogPlace) => void;
  readonly replies: ReplySender;
  readonly logger: Logger;
  readonly counts: ServerCounts;
}

/** Handles records: reads them, sends calls through the pipeline, and the outcomes as replies. */
export class RequestHandler implements Disposable {
  readonly #options: RequestHandlerOptions;
  readonly #refused: RefusedRecords;
  readonly #oneWay: OneWayCalls;
  readonly #deadlines = new Deadlines();
  readonly #inFlight = new Set<Ending>();
  #stopped: RpcError | undefined;
  /** How often partitions went to another server. */
  #evictions = 0;

  constructor(options: RequestHandlerOptions) {
    this.#options = options;
    this.#refused = new RefusedRecords(options);
    this.#oneWay = new OneWayCalls(options);
  }

  [Symbol.dispose](): void {
    this.#refused[Symbol.dispose]();
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
      return this.#refused.malformed(record, { reason, code: undefined });
    }
    switch (read.kind) {
      case "request":
        return this.#authenticated(record, read.request);
      case "plain":
        return this.#plain(record, read.expression);
      case "future": {
        const reason = `it speaks version ${read.version} of the protocol, this server speaks ` +
          "version 1. Update the server first, then its clients";
        return this.#refused.malformed(record, { reason, code: "failed_precondition" });
      }
      case "malformed":
        return this.#refused.malformed(record, { reason: read.reason, code: "invalid_argument" });
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

  /** Ends every wait for a turn: another server has the partitions from now on. */
  evict(): void {
    this.#evictions++;
    for (const ending of this.#inFlight) ending.evict();
  }

  /** Aborts every call, and each that comes later. */
  stop(reason: RpcError): void {
    this.#stopped = reason;
    for (const ending of this.#inFlight) ending.abort(reason);
  }

  #authenticated(record: IncomingRecord, request: Request): Promise<boolean> {
    const { authentication } = this.#options;
    if (authentication === undefined) return this.#request(record, request, undefined);
    return this.#unlessEvicted(
      authentication.sender(record, request),
      (sender) =>
        sender.refused === undefined
          ? this.#request(record, request, sender)
          : this.#refused.unauthenticated(record, request, sender),
    );
  }

  /** Goes on with what had to be found out; releases a record whose partition is gone by then. */
  #unlessEvicted<T>(
    finding: Promise<T>,
    next: (found: T) => Promise<boolean>,
  ): Promise<boolean> {
    const evictions = this.#evictions;
    return finding.then((found) => evictions === this.#evictions && next(found));
  }

  #request(
    record: IncomingRecord,
    request: Request,
    sender: Sender | undefined,
  ): Promise<boolean> {
    const taken = { record, request, sender };
    if (request.oneWay) return this.#addressed(taken, { address: NOWHERE });
    const addressed = this.#options.replies.address(request, record.key);
    return addressed instanceof Promise
      ? this.#unlessEvicted(addressed, (addressed) => this.#addressed(taken, addressed))
      : this.#addressed(taken, addressed);
  }

  #addressed(taken: Taken, { address, refused }: Addressed): Promise<boolean> {
    const { record, request, sender } = taken;
    const { settings: { limits } } = this.#options;
    const digest = recordDigest(record);
    const { id, idempotencyKey } = request;
    const principal = sender?.principal;
    const name = sender?.name ?? this.#refused.nameOf(record);
    const replyTo = replyToOf(address, { digest, idempotencyKey, request: name });
    const identity = { id, digest, principal, idempotencyKey };
    const origin = originOf(identity, this.#isToAll(record) ? TO_ALL : replyTo);
    const call = this.#call(taken, { replyTo, origin, resultAs: "value" });
    // Its deadline is not judged: the caller must hear of its mistake.
    if (refused !== undefined) call.ending.replyUntil = clock.wallTime() + limits.timeoutMs;
    return this.#answer(call, refused);
  }

  #plain(record: IncomingRecord, expression: string): Promise<boolean> | boolean {
    const { authentication, settings: { allowPlain } } = this.#options;
    if (authentication === undefined || allowPlain) {
      return this.#answer(this.#expression(record, expression));
    }
    const reason = "it has no headers, and this server takes signed requests only";
    authentication.refuse(record, reason);
    return this.#refused.unread(record, { reason, code: "unauthenticated" });
  }

  #expression(record: IncomingRecord, expression: string): IncomingCall {
    const id = readableId(record);
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
    const replyTo = this.#refused.address(record, id);
    const taken = { record, request, sender: undefined };
    return this.#call(taken, { replyTo, origin: undefined, resultAs: "text" });
  }

  #call(
    { record, request, sender }: Taken,
    { replyTo, origin, resultAs }: Pick<IncomingCall, "replyTo" | "origin" | "resultAs">,
  ): IncomingCall {
    const { id, command, input, metadata, trace, attempt, oneWay, credit } = request;
    const deadline = deadlineHere(record, request);
    const ending = new Ending(this.#deadlines);
    if (request.wantsReceipt) ending.times = new CallTimes();
    const place = placeOf(record);
    // A call to every server takes one reply of each: it has no offset that a stream could finish.
    const stream = credit === undefined || this.#isToAll(record)
      ? undefined
      : this.#stream({ command, credit, replyTo, ending }, place);
    return {
      id,
      command,
      input,
      metadata,
      principal: sender?.principal,
      signedUntil: sender?.signedUntil,
      trace,
      attempt,
      deadline,
      signal: ending.signal,
      place,
      policy: this.#options.policies.of(command),
      statistics: this.#options.statistics?.of(command),
      replyTo,
      origin,
      resultAs,
      ending,
      oneWay,
      record: oneWay ? record : undefined,
      stream,
    };
  }

  #stream(
    parts: Pick<OutgoingStreamOptions, "command" | "credit" | "replyTo" | "ending">,
    place: LogPlace,
  ): OutgoingStream {
    const { replies, policies } = this.#options;
    const { timeoutMs } = policies.of(parts.command);
    const onBegun = () => this.#options.onBegun(place);
    return new OutgoingStream({ ...parts, replies, timeoutMs, onBegun });
  }

  /** Sends the outcome of a call, or what its request was refused with. */
  #answer(call: IncomingCall, refused?: Outcome): Promise<boolean> {
    const { ending } = call;
    this.#inFlight.add(ending);
    if (this.#stopped !== undefined) ending.abort(this.#stopped);
    const fail = (error: unknown): never => {
      this.#settle(call);
      throw error;
    };
    try {
      // No async function: those that wait by the thousand would keep half a kilobyte each for it.
      const { pipeline } = this.#options;
      const outcome = refused === undefined ? pipeline(call) : Promise.resolve(refused);
      return outcome.then((outcome) => {
        this.#settle(call, outcome);
        return this.#reply(call, outcome);
      }, fail);
    } catch (error) {
      return fail(error);
    }
  }

  #isToAll({ topic }: IncomingRecord): boolean {
    return topic === this.#options.settings.controlTopic;
  }

  #settle(call: IncomingCall, outcome?: Outcome): void {
    this.#inFlight.delete(call.ending);
    call.ending.settle(call, outcome);
  }

  #reply(call: IncomingCall, outcome: Outcome): Promise<boolean> | boolean {
    const { counts, replies } = this.#options;
    const { ending } = call;
    if (call.oneWay) return this.#oneWay.end(call, outcome, this.#stopped);
    if (ending.fate !== "answered") return ending.fate === "unanswered";
    countEnd(call, outcome, counts);
    const until = ending.replyUntil ?? call.deadline;
    const receipt = ending.times?.header(call);
    const { stream, replyTo, place } = call;
    const sent = stream?.ends(outcome)
      ? stream.end(outcome, receipt)
      : replies.send(replyTo, outcome, { until, receipt, place });
    return sent.then((isSent) => {
      if (!isSent) counts.lost++;
      return true;
    });
  }
}
