// Records that become no call, and what their senders hear.
import { clock } from "../async/clock.ts";
import { LogThrottle } from "../logging/log_throttle.ts";
import { recordDigest } from "../wire/digest.ts";
import type { RpcCode } from "../wire/errors.ts";
import { failedOutcome } from "../wire/failure.ts";
import { quote, readableId } from "../wire/headers.ts";
import type { IncomingRecord } from "../wire/record.ts";
import type { ReplyAddress } from "../wire/reply.ts";
import { isOneWay, type Request } from "../wire/request.ts";
import { recordHash } from "../wire/signature.ts";
import type { Refusal } from "./authentication.ts";
import { LATE_REPLY_MS, placeOf, WARN_INTERVAL_MS } from "./incoming_call.ts";
import type { RequestHandlerOptions } from "./request_handler.ts";

/** Answers, counts and keeps what is refused. */
export class RefusedRecords implements Disposable {
  readonly #options: RequestHandlerOptions;
  readonly #malformed: LogThrottle;

  constructor(options: RequestHandlerOptions) {
    this.#options = options;
    this.#malformed = new LogThrottle(options.logger, { intervalMs: WARN_INTERVAL_MS });
  }

  [Symbol.dispose](): void {
    this.#malformed.close();
  }

  /** What a signed reply names, where the request has no signature that was checked. */
  nameOf(record: IncomingRecord): string | undefined {
    const { settings: { sign }, authentication } = this.#options;
    return sign ?? authentication ? recordHash(record) : undefined;
  }

  /** With a digest: by an id alone, the reply would be one to another request as well. */
  address(record: IncomingRecord, id: string | undefined): ReplyAddress {
    const { resultsTopic } = this.#options.settings;
    const request = this.nameOf(record);
    return { topic: resultsTopic, key: record.key, id, digest: recordDigest(record), request };
  }

  /** Answers a record that can't be read, where it has an id and wants a reply; never without a code. */
  malformed(
    record: IncomingRecord,
    { reason, code }: { reason: string; code: RpcCode | undefined },
  ): Promise<boolean> | boolean {
    this.#options.counts.malformed++;
    this.#malformed.log("a record cannot be read", { ...placeOf(record), reason });
    return this.unread(record, { reason, code });
  }

  /** The same, where it is counted already. */
  unread(
    record: IncomingRecord,
    { reason, code }: { reason: string; code: RpcCode | undefined },
  ): Promise<boolean> | boolean {
    const { deadLetters } = this.#options;
    const id = code === undefined || isOneWay(record) ? undefined : readableId(record);
    if (id !== undefined && code !== undefined) {
      const text = `Cannot read the request: ${reason}.`;
      return this.#answer(record, { code, reason, text, address: this.address(record, id) });
    }
    return deadLetters === undefined || deadLetters.keep(record, reason).then(() => true);
  }

  /**
   * Answers a request whose signature is not right. The answer is for this very record: a copy that
   * was changed must not end the call of the original.
   */
  async unauthenticated(
    record: IncomingRecord,
    request: Request,
    { refused: code, reason }: Refusal,
  ): Promise<boolean> {
    if (request.oneWay) return await this.unread(record, { reason, code: undefined });
    const to = await this.#options.replies.address(request, record.key);
    const address = {
      ...to.address,
      digest: recordDigest(record),
      request: recordHash(record),
    };
    const text = `Cannot run ${quote(request.command)}: ${reason}.`;
    return await this.#answer(record, { code, reason, text, address });
  }

  async #answer(
    record: IncomingRecord,
    answer: { code: RpcCode; reason: string; text: string; address: ReplyAddress },
  ): Promise<boolean> {
    const { code, reason, text, address } = answer;
    const { counts, deadLetters, replies } = this.#options;
    await deadLetters?.keep(record, reason);
    const until = clock.wallTime() + LATE_REPLY_MS;
    const options = { until, place: placeOf(record) };
    if (!await replies.send(address, failedOutcome(code, text), options)) counts.lost++;
    return true;
  }
}
