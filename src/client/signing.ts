// What a client signs, and how it knows the replies that servers have signed.
import { LogThrottle } from "../logging/log_throttle.ts";
import type { Logger } from "../logging/logger.ts";
import { type Sending, Signer } from "../signing/signer.ts";
import { Verifier } from "../signing/verifier.ts";
import type { ProduceOptions } from "../transport/produce_retries.ts";
import { isCallToAll, isQuestion } from "../wire/control.ts";
import { describe } from "../wire/describe.ts";
import { HEADER, readableId } from "../wire/headers.ts";
import { textOf } from "../wire/utf8.ts";
import type { IncomingRecord, OutgoingRecord } from "../wire/record.ts";
import { recordHash, requestName } from "../wire/signature.ts";
import type { ClientSettings } from "./options.ts";

/** Minimum interval between log lines about replies that are refused, in milliseconds. */
const WARN_INTERVAL_MS = 10_000;
const REFUSED = "a reply is refused";

/** What becomes of a record of the results topic. */
export interface ReplyTaker {
  /** Takes a record, in the order in which they came. */
  readonly take: (record: IncomingRecord) => void;
  /** Notes one that is for no call of this client. */
  readonly pass: () => void;
}

export interface SigningOptions {
  /** Whether a call with this id still waits. */
  readonly isAwaited: (id: string) => boolean;
  readonly logger: Logger;
}

/** The signing of a client. */
export class ClientSigning implements Disposable {
  readonly #signer: Signer | undefined;
  readonly #verifier: Verifier | undefined;
  readonly #options: SigningOptions;
  readonly #refused: LogThrottle;
  readonly #requests = new Map<string, OutgoingRecord>();
  #sweepAt = 1_024;
  /** What is done with the replies to each call, one after the other. */
  readonly #orders = new Map<string, Promise<void>>();
  /** Replies whose signature is missing or wrong. */
  unauthenticated = 0;

  private constructor(
    signer: Signer | undefined,
    verifier: Verifier | undefined,
    options: SigningOptions,
  ) {
    this.#signer = signer;
    this.#verifier = verifier;
    this.#options = options;
    this.#refused = new LogThrottle(options.logger, { intervalMs: WARN_INTERVAL_MS });
  }

  /** Undefined where nothing is signed; rejects with `invalid_argument` for a key of no use. */
  static async open(
    { sign, verify }: Pick<ClientSettings, "sign" | "verify">,
    options: SigningOptions,
  ): Promise<ClientSigning | undefined> {
    if ((sign ?? verify) === undefined) return undefined;
    const signer = sign && await Signer.open(sign);
    return new ClientSigning(signer, verify && await Verifier.open(verify), options);
  }

  [Symbol.dispose](): void {
    this.#refused.close();
  }

  /** Sends records signed, and remembers requests until their replies have come. */
  over(sending: Sending, controlTopic: string | undefined): Sending {
    const kindOf = (record: OutgoingRecord) =>
      record.topic === controlTopic && !isCallToAll(record) ? "control" : "request";
    const known: Sending = this.#verifier === undefined ? sending : {
      produce: (record: OutgoingRecord, options?: ProduceOptions) => {
        // Not those of one-way and submitted calls: no reply would take them out again.
        const isAwaited = this.#options.isAwaited(idOfSent(record));
        const isAnswered = kindOf(record) === "request" || isQuestion(record);
        if (isAwaited && isAnswered) this.#remember(record);
        return sending.produce(record, options);
      },
    };
    return this.#signer?.over(known, kindOf) ?? known;
  }

  /** What is read passes this before anything else sees it. */
  checked({ take, pass }: ReplyTaker): (record: IncomingRecord) => void {
    const verifier = this.#verifier;
    if (verifier === undefined) return take;
    return (record) => {
      const id = readableId(record);
      if (id === undefined) return take(record);
      const request = this.#requests.get(id);
      if (request === undefined) return pass();
      const name = textOf(record.headers.get(HEADER.request) ?? NOTHING);
      if (!isNameOf(request, name)) return this.#refuse(record, "it answers another request");
      const verified = this.#verify(verifier, record);
      // Two at a time may end in another order; streams need theirs. Not all replies: one whose key
      // is looked up for seconds, forged perhaps, would keep those to other calls waiting.
      const before = this.#orders.get(id) ?? Promise.resolve();
      const order: Promise<void> = before.then(() => verified).then((isRight) => {
        if (!isRight) return;
        take(record);
        // The last frame of a stream may come before others; every server answers a call to all.
        if (!this.#options.isAwaited(id)) this.#requests.delete(id);
      }).catch((error) => this.#notTaken(record, error)).then(() => {
        if (this.#orders.get(id) === order) this.#orders.delete(id);
      });
      this.#orders.set(id, order);
    };
  }

  /**
   * Whether a record is a reply as it must be signed, to a request with one of these names. No promise
   * where replies need no signature.
   */
  isReply(
    record: IncomingRecord,
    names: readonly string[] | undefined,
  ): boolean | Promise<boolean> {
    if (this.#verifier === undefined) return true;
    const name = textOf(record.headers.get(HEADER.request) ?? NOTHING);
    if (name !== undefined && names?.includes(name)) return this.#verify(this.#verifier, record);
    this.#refuse(record, "it answers another request");
    return false;
  }

  async #verify(verifier: Verifier, record: IncomingRecord): Promise<boolean> {
    try {
      const { refused } = await verifier.verify("reply", record);
      if (refused !== undefined) this.#refuse(record, refused);
      return refused === undefined;
    } catch (error) {
      const { name, message } = describe(error);
      this.#refuse(record, `its signature cannot be checked: ${name}: ${message}`);
      return false;
    }
  }

  #refuse({ topic, partition, offset }: IncomingRecord, reason: string): void {
    this.unauthenticated++;
    this.#refused.log(REFUSED, { topic, partition, offset, reason });
  }

  /** Nothing there is expected to fail; if it does, this reply must not hold the others back. */
  #notTaken({ topic, partition, offset }: IncomingRecord, error: unknown): void {
    const fields = { topic, partition, offset, error };
    this.#options.logger.error("a reply could not be taken", fields);
  }

  #remember(record: OutgoingRecord): void {
    this.#requests.set(idOfSent(record), record);
    if (this.#requests.size < this.#sweepAt) return;
    for (const id of this.#requests.keys()) {
      if (!this.#options.isAwaited(id)) this.#requests.delete(id);
    }
    // Once for as many calls as wait: a walk for each of them would take too long.
    this.#sweepAt = 2 * this.#requests.size + 1_024;
  }
}

const NOTHING = new Uint8Array(0);

/** By its signature, or by all of it: a refusal of a request whose signature the server did not take. */
function isNameOf(request: OutgoingRecord, name: string | undefined): boolean {
  if (name === undefined || name === "") return false;
  return name.includes(" ") ? name === signedName(request) : name === recordHash(request);
}

function signedName({ headers }: OutgoingRecord): string {
  const { [HEADER.key]: keyId, [HEADER.signature]: signature } = headers;
  return requestName(String(keyId), String(signature));
}

/** What a signed reply may name of a request that was sent. */
export function namesOf(request: OutgoingRecord): string[] {
  const isSigned = request.headers[HEADER.signature] !== undefined;
  return [...isSigned ? [signedName(request)] : [], recordHash(request)];
}

function idOfSent({ key, headers }: OutgoingRecord): string {
  return String(headers[HEADER.id] ?? textOf(key ?? NOTHING));
}
