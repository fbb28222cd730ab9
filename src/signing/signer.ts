// Signs what one side sends.
import { withDeadline } from "../async/deadline.ts";
import type { ProduceOptions, ProduceRetries } from "../transport/produce_retries.ts";
import { RpcError } from "../wire/errors.ts";
import { HEADER } from "../wire/headers.ts";
import { textOf } from "../wire/utf8.ts";
import type { IncomingRecord, OutgoingRecord } from "../wire/record.ts";
import { signatureText, signedBytes, type SignedKind } from "../wire/signature.ts";
import { signBytes } from "./algorithms.ts";
import { KEY_ID, readyKey, type SigningKey } from "./keys.ts";

/** The key to sign with, or what gives it for each record: that is how a new one is taken up. */
export type SigningKeys = SigningKey | (() => SigningKey | Promise<SigningKey>);

/** What records are sent by. */
export type Sending = Pick<ProduceRetries, "produce">;

const NOTHING = new Uint8Array(0);
/** Longest wait for a key of a function, in milliseconds: other records wait behind it. */
const LOOKUP_MS = 5_000;
const late = () => new Error(`it gave none within ${LOOKUP_MS} ms`);

/** Signs records with the key of the moment. */
export class Signer {
  readonly #keys: SigningKeys;

  private constructor(keys: SigningKeys) {
    this.#keys = keys;
  }

  /** Rejects with `invalid_argument` where a key that is given as it is can't sign. */
  static async open(keys: SigningKeys): Promise<Signer> {
    if (typeof keys !== "function") await readyKey(keys.key, "sign");
    return new Signer(keys);
  }

  async sign(kind: SignedKind, record: OutgoingRecord): Promise<OutgoingRecord> {
    const { keyId, key } = await this.current();
    const ready = await readyKey(key, "sign");
    const headers: Record<string, string | Uint8Array> = {
      ...record.headers,
      [HEADER.key]: keyId,
    };
    const signed = { ...record, headers };
    const bytes = signedBytes(kind, signed);
    const signature = await signBytes(ready, bytes);
    headers[HEADER.signature] = signatureText(ready.algorithm, signature);
    return signed;
  }

  /**
   * Whether a record was signed with the key of the moment. By signing it again: both algorithms give
   * the same bytes each time, and a private key can't verify.
   */
  async signed(kind: SignedKind, record: IncomingRecord): Promise<boolean> {
    const { keyId, key } = await this.current();
    const text = (name: string) => textOf(record.headers.get(name) ?? NOTHING);
    if (text(HEADER.key) !== keyId) return false;
    const ready = await readyKey(key, "sign");
    const signature = await signBytes(ready, signedBytes(kind, record));
    return text(HEADER.signature) === signatureText(ready.algorithm, signature);
  }

  /** The key to sign with just now. */
  async current(): Promise<SigningKey> {
    const keys = this.#keys;
    if (typeof keys !== "function") return keys;
    let found: SigningKey;
    try {
      found = await withDeadline(Promise.try(keys), { timeoutMs: LOOKUP_MS }, late);
    } catch (cause) {
      throw new RpcError("unavailable", "Cannot sign: the function `sign` gave no key.", { cause });
    }
    if (KEY_ID.test(found?.keyId) && typeof found.key === "object") return found;
    const text = "Cannot sign: the function `sign` gave no { keyId, key }. Correct it.";
    throw new RpcError("failed_precondition", text);
  }

  /** Sends each record signed, in the order in which they come. `kindOf`: what it is. */
  over(sending: Sending, kindOf: (record: OutgoingRecord) => SignedKind): Sending {
    let before = Promise.resolve();
    return {
      produce: async (record: OutgoingRecord, options?: ProduceOptions) => {
        const signed = this.sign(kindOf(record), record);
        // Two signatures may be ready in another order than they were begun. The promise gives
        // nothing: what it gave would hold what the one before it gave, and so all that was sent.
        await (before = Promise.allSettled([before, signed]).then(() => {}));
        await sending.produce(await signed, options);
      },
    };
  }
}
