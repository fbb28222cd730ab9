// Who sent a record.
import { clock } from "../async/clock.ts";
import type { Logger } from "../logging/logger.ts";
import { LogThrottle } from "../logging/log_throttle.ts";
import type { Verdict, Verifier } from "../signing/verifier.ts";
import { describe } from "../wire/describe.ts";
import type { RpcCode } from "../wire/errors.ts";
import { HEADER } from "../wire/headers.ts";
import type { IncomingRecord } from "../wire/record.ts";
import type { Request } from "../wire/request.ts";
import type { SignedKind } from "../wire/signature.ts";
import type { ServerCounts } from "./counts.ts";
import { placeOf, WARN_INTERVAL_MS } from "./incoming_call.ts";
import type { OwnPartition } from "./own_partition.ts";

/** The sender of a request whose signature is right. */
export interface Sender {
  readonly principal: string;
  /** The header `rpc-request` of the replies. */
  readonly name: string;
  /** Unix milliseconds, as they were signed, after which no copy of the request is taken. */
  readonly signedUntil: number;
  readonly refused?: undefined;
}

/** Why a request is not taken. */
export interface Refusal {
  readonly refused: RpcCode;
  readonly reason: string;
}

export interface AuthenticationOptions {
  readonly verifier: Verifier;
  /** The window of the reply cache: a copy of a request is known again for so long. */
  readonly windowMs: number;
  readonly partition: Pick<OwnPartition, "has">;
  readonly counts: ServerCounts;
  readonly logger: Logger;
}

const UNKNOWN = "the signatures of records cannot be checked";

/** Checks the signatures of what a server reads, before anything else acts on it. */
export class Authentication implements Disposable {
  readonly #options: AuthenticationOptions;
  readonly #refused: LogThrottle;
  readonly #failures: LogThrottle;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
    const { logger } = options;
    this.#refused = new LogThrottle(logger, { intervalMs: WARN_INTERVAL_MS });
    this.#failures = new LogThrottle(logger, { intervalMs: WARN_INTERVAL_MS, level: "error" });
  }

  [Symbol.dispose](): void {
    this.#refused.close();
    this.#failures.close();
  }

  /** Says who sent a request, or why it is refused; counts and logs the latter. Never rejects. */
  async sender(
    record: IncomingRecord,
    request: Pick<Request, "deadline">,
    kind: SignedKind = "request",
  ): Promise<Sender | Refusal> {
    const sender = await this.#check(record, request, kind);
    if (sender.refused !== undefined) this.refuse(record, sender.reason);
    return sender;
  }

  /** The principal of a control record; undefined where it is refused. Never rejects. */
  async controls(record: IncomingRecord): Promise<string | undefined> {
    const verdict = await this.#verify("control", record);
    if (verdict.refused === undefined) return verdict.principal;
    this.refuse(record, verdict.refused);
    return undefined;
  }

  /** Counts and logs a record that is refused. */
  refuse(record: IncomingRecord, reason: string): void {
    this.#options.counts.unauthenticated++;
    this.#refused.log("a record is refused", { ...placeOf(record), reason });
  }

  async #check(
    record: IncomingRecord,
    { deadline }: Pick<Request, "deadline">,
    kind: SignedKind,
  ): Promise<Sender | Refusal> {
    const { windowMs, partition } = this.#options;
    const verdict = await this.#verify(kind, record);
    if (verdict.refused !== undefined) {
      const refused = verdict.refused === UNKNOWN ? "unavailable" : "unauthenticated";
      return { refused, reason: verdict.refused };
    }
    // Without an end, or with a far one, a copy could be sent when nothing remembers it any more.
    if (deadline === undefined) {
      return { refused: "invalid_argument", reason: `it is signed and has no ${HEADER.deadline}` };
    }
    const ahead = deadline - clock.wallTime();
    if (ahead > windowMs) {
      const reason = `its deadline lies ${ahead} ms ahead, and that of a signed request may lie ` +
        `${windowMs} ms ahead: lower \`timeoutMs\` or \`ttlMs\`, raise \`replyCache.windowMs\` of the server, ` +
        "or set the clocks of both machines";
      return { refused: "invalid_argument", reason };
    }
    try {
      if (!await partition.has(record)) {
        const reason =
          "it lies in another partition than its key: it is a copy, or its sender does " +
          "not choose partitions by murmur2, as Kafka's Java client does";
        return { refused: "unauthenticated", reason };
      }
    } catch (error) {
      return { refused: "unavailable", reason: this.#failed(error) };
    }
    const { principal, name } = verdict;
    return { principal, name, signedUntil: deadline };
  }

  async #verify(kind: SignedKind, record: IncomingRecord): Promise<Verdict> {
    try {
      return await this.#options.verifier.verify(kind, record);
    } catch (error) {
      return { refused: this.#failed(error) };
    }
  }

  #failed(error: unknown): string {
    const { name, message } = describe(error);
    this.#failures.log(UNKNOWN, { error: `${name}: ${message}` });
    return UNKNOWN;
  }
}
