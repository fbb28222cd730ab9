// What signatures say of records that are looked at.
import { Verifier } from "../signing/verifier.ts";
import { HEADER } from "../wire/headers.ts";
import type { IncomingRecord } from "../wire/record.ts";
import type { SignedKind } from "../wire/signature.ts";
import type { Connection } from "./connection.ts";
import { headerText } from "./record_text.ts";

/** Undefined where nothing is to be said: unsigned, and no keys are given to check with. */
export type SignatureFacts = {
  /** The key that it names. */
  readonly keyId: string | undefined;
  /** Who has that key; undefined where it was not checked, or is wrong. */
  readonly principal?: string;
  /** Why it would not be taken. */
  readonly problem?: string;
} | undefined;

export type SignatureCheck = (kind: SignedKind, record: IncomingRecord) => Promise<SignatureFacts>;

/** Checks with the keys of --verify-keys-file; without them it says what is written. */
export async function signatureCheck({ keys: { verify } }: Connection): Promise<SignatureCheck> {
  const verifier = verify && await Verifier.open(verify);
  return async (kind, record) => {
    const keyId = headerText(record, HEADER.key);
    if (verifier === undefined) return keyId === undefined ? undefined : { keyId };
    const verdict = await verifier.verify(kind, record);
    return verdict.refused === undefined
      ? { keyId, principal: verdict.principal }
      : { keyId, problem: verdict.refused };
  };
}

/** `signed by billing`, `signed with billing-1, not checked`, or what is wrong. */
export function signatureText(facts: NonNullable<SignatureFacts>): string {
  const { keyId, principal, problem } = facts;
  if (problem !== undefined) return `not to be trusted: ${problem}`;
  return principal === undefined ? `signed with ${keyId}, not checked` : `signed by ${principal}`;
}
