// Options of signing, the same on both sides.
import { callable, type Check, kindOf, refuse, text } from "../options/check.ts";
import { join, required, shape } from "../options/shape.ts";
import {
  isTrustedKey,
  KEY_ID,
  KEY_ID_ADVICE,
  keyEntries,
  type KeyMaterial,
  type SigningKey,
  type TrustedKey,
  type VerifyKeys,
} from "./keys.ts";
import type { SigningKeys } from "./signer.ts";

const KEY_ADVICE =
  "Give a CryptoKey, a JSON Web Key, or the bytes of an HMAC secret as a Uint8Array.";

/** Never shows the value: it may be a secret. */
const keyMaterial: Check<KeyMaterial> = (value, name) => {
  if (value instanceof CryptoKey || value instanceof Uint8Array) return value as KeyMaterial;
  const isJwk = typeof value === "object" && value !== null && "kty" in value;
  return isJwk ? value as JsonWebKey : refuse(name, `it is ${kindOf(value)}`, KEY_ADVICE);
};

const keyId: Check<string> = (value, name) => {
  if (typeof value === "string" && KEY_ID.test(value)) return value;
  return refuse(
    name,
    `it is ${typeof value === "string" ? "no key id" : kindOf(value)}`,
    KEY_ID_ADVICE,
  );
};

const SIGN_EXAMPLE = '{ keyId: "billing-1", key }, or a function that gives one';
const SIGN_ADVICE = `Give ${SIGN_EXAMPLE}.`;
const keyFunction = callable<() => SigningKeys & object>(SIGN_ADVICE);
const signingKey = shape<SigningKey>({ keyId: required(keyId), key: required(keyMaterial) }, {
  example: SIGN_EXAMPLE,
});
const trustedKey = shape<TrustedKey>({ key: required(keyMaterial), principal: text }, {
  example: '{ key, principal: "billing" }',
});

/** Gives what the user gave: a function is asked for each record. */
export const signOption: Check<SigningKeys> = (value, name) => {
  if (typeof value === "function") return keyFunction(value, name) as SigningKeys;
  return signingKey(value, name);
};

/** Gives the very object that the user gave, which may get other keys later. */
export const verifyOption: Check<VerifyKeys> = (value, name) => {
  if (typeof value === "function") return value as VerifyKeys;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const advice = 'Give the keys by their ids: { "billing-1": key }, a Map, or a function.';
    refuse(name, `it is ${kindOf(value)}`, advice);
  }
  for (const [id, entry] of keyEntries<unknown>(value as Record<string, unknown>)) {
    const path = join(name, keyId(id, name));
    if (isTrustedKey(entry)) trustedKey(entry, path);
    else keyMaterial(entry, path);
  }
  return value as VerifyKeys;
};
