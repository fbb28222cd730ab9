// Checks the signatures of what one side reads.
import { withDeadline } from "../async/deadline.ts";
import { HEADER } from "../wire/headers.ts";
import { textOf } from "../wire/utf8.ts";
import type { IncomingRecord } from "../wire/record.ts";
import { readSignature, requestName, signedBytes, type SignedKind } from "../wire/signature.ts";
import { isSignature } from "./algorithms.ts";
import {
  type FoundKey,
  KEY_ID,
  keyEntries,
  readyKey,
  type TrustedKey,
  trustedKey,
  type VerifyKeys,
} from "./keys.ts";

/** What the signature of a record says. */
export type Verdict =
  | {
    readonly principal: string;
    /** The key and signature, as replies name them. */
    readonly name: string;
    readonly refused?: undefined;
  }
  /** Why it is not taken, in words for its sender. */
  | { readonly refused: string };

/** Longest wait for a key of a function, in milliseconds: what waits for it takes room. */
const LOOKUP_MS = 5_000;
const late = () => new Error(`the function \`verify\` gave no key within ${LOOKUP_MS} ms`);

/** Longest value of the header `rpc-signature`, in bytes; an Ed25519 one has 94. */
const MAX_SIGNATURE_BYTES = 250;

/** Checks signatures with the keys of the moment. */
export class Verifier {
  readonly #keys: VerifyKeys;

  private constructor(keys: VerifyKeys) {
    this.#keys = keys;
  }

  /** Rejects with `invalid_argument` where a key that is there already can't be used. */
  static async open(keys: VerifyKeys): Promise<Verifier> {
    if (typeof keys !== "function") {
      await Promise.all(
        keyEntries(keys).map(([keyId, entry]) => {
          return readyKey(trustedKey(entry, keyId).key, "verify");
        }),
      );
    }
    return new Verifier(keys);
  }

  /** Rejects where the keys can't be looked up, or one can't be used: that is no fault of the record. */
  async verify(kind: SignedKind, record: IncomingRecord): Promise<Verdict> {
    const keyId = shortText(record.headers.get(HEADER.key), MAX_SIGNATURE_BYTES);
    const text = shortText(record.headers.get(HEADER.signature), MAX_SIGNATURE_BYTES);
    if (keyId === undefined || text === undefined) {
      const { headers } = record;
      return headers.has(HEADER.key) || headers.has(HEADER.signature)
        ? { refused: `headers ${HEADER.key} and ${HEADER.signature} are not both short texts` }
        : { refused: "it is not signed" };
    }
    // Whatever else stands there must not be looked up, nor reach the log.
    if (!KEY_ID.test(keyId)) return { refused: `header ${HEADER.key} is no key id` };
    const signature = readSignature(text);
    if ("problem" in signature) {
      return { refused: `its signature cannot be read: ${signature.problem}` };
    }
    const trusted = await this.find(keyId);
    if (trusted === undefined) return { refused: `its key "${keyId}" is not known` };
    const ready = await readyKey(trusted.key, "verify");
    // The key decides, never the record: else a public key could be used as an HMAC secret.
    if (ready.algorithm !== signature.algorithm) {
      const reason = `is one of ${ready.algorithm}, not ${signature.algorithm}`;
      return { refused: `its key "${keyId}" ${reason}` };
    }
    const isRight = await isSignature(ready, signedBytes(kind, record), signature.bytes);
    return isRight
      ? { principal: trusted.principal, name: requestName(keyId, text) }
      : { refused: "its signature is wrong" };
  }

  /** The key and the principal of a key id. */
  async find(keyId: string): Promise<FoundKey | undefined> {
    const keys = this.#keys;
    const entry = typeof keys === "function"
      ? await withDeadline(Promise.try(keys, keyId), { timeoutMs: LOOKUP_MS }, late)
      : keys instanceof Map
      ? keys.get(keyId)
      // Not `toString`, for example.
      : Object.hasOwn(keys, keyId)
      ? (keys as Readonly<Record<string, TrustedKey>>)[keyId]
      : undefined;
    // A key service may well say null for a key that it does not know.
    return entry === undefined || entry === null ? undefined : trustedKey(entry, keyId);
  }
}

function shortText(bytes: Uint8Array | undefined, most: number): string | undefined {
  return bytes === undefined || bytes.byteLength > most ? undefined : textOf(bytes);
}
