// Keys that sign and verify, from files and the environment: a secret is never a flag.
import { kindOf } from "../options/check.ts";
import {
  KEY_ID,
  KEY_ID_ADVICE,
  type KeyMaterial,
  type SigningKey,
  type TrustedKey,
} from "../signing/keys.ts";
import type { Flags } from "./arguments.ts";
import { readText } from "./read_text.ts";
import { UsageError } from "./usage_error.ts";

/** Flags of the connection about signatures. */
export const SIGNING_FLAGS: Flags = {
  "sign-key-id": { value: "ID", help: "sign what is sent with this key" },
  "sign-key-file": { value: "FILE", help: "the key; else the variable KAFKA_RPC_SIGN_KEY" },
  "verify-keys-file": { value: "FILE", help: "keys of the others: JSON, key by id" },
};

export interface GivenKeys {
  readonly sign: SigningKey | undefined;
  readonly verify: Readonly<Record<string, KeyMaterial | TrustedKey>> | undefined;
}

const KEY_ADVICE = "Give a JSON Web Key, or the secret of an HMAC in base64.";

/** Reads the keys that the flags, the environment or the profile name. */
export function signingKeysOf(
  text: (name: string) => string | undefined,
  environment: ReadonlyMap<string, string>,
): GivenKeys {
  const file = text("verify-keys-file");
  return { sign: signingKey(text, environment), verify: file && trustedKeys(file) || undefined };
}

function signingKey(
  text: (name: string) => string | undefined,
  environment: ReadonlyMap<string, string>,
): SigningKey | undefined {
  const keyId = text("sign-key-id");
  const file = text("sign-key-file");
  if (keyId === undefined) {
    if (file === undefined) return undefined;
    throw new UsageError("Cannot use --sign-key-file: the key has no id. Give --sign-key-id.");
  }
  if (!KEY_ID.test(keyId)) {
    throw new UsageError(`Cannot use --sign-key-id: it is no key id. ${KEY_ID_ADVICE}`);
  }
  const given = file === undefined
    ? environment.get("KAFKA_RPC_SIGN_KEY")
    : readText(file, "--sign-key-file");
  if (given) return { keyId, key: keyIn(given, file ?? "KAFKA_RPC_SIGN_KEY") };
  throw new UsageError(
    `Cannot use --sign-key-id ${keyId}: the key is missing. Give --sign-key-file FILE or the ` +
      "variable KAFKA_RPC_SIGN_KEY.",
  );
}

function trustedKeys(file: string): Record<string, KeyMaterial | TrustedKey> {
  const text = readText(file, "--verify-keys-file");
  const keys = jsonIn(text);
  if (typeof keys !== "object" || keys === null || Array.isArray(keys)) {
    // The parser's words may show what is in the file.
    throw new UsageError(
      `Cannot use --verify-keys-file: ${file} is no JSON object. Give keys by their ids, as in ` +
        '{ "servers-1": { "kty": "OKP", "crv": "Ed25519", "x": "…" } }.',
    );
  }
  return Object.fromEntries(
    Object.entries(keys).map(([keyId, entry]) => {
      if (!KEY_ID.test(keyId)) throw unusable(file, `${JSON.stringify(keyId)} is no key id`);
      return [keyId, trustedKeyIn(entry, keyId, file)];
    }),
  );
}

/** A key as it stands, or with the principal that has it. */
function trustedKeyIn(entry: unknown, keyId: string, file: string): KeyMaterial | TrustedKey {
  if (typeof entry === "string") return keyIn(entry, `${keyId} in ${file}`);
  const { key, principal, ...others } = Object(entry) as Record<string, unknown>;
  if (key === undefined) return jsonWebKey(entry, `${keyId} in ${file}`);
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw unusable(file, `${keyId} has ${JSON.stringify(other)} beside key and principal`);
  }
  if (principal !== undefined && typeof principal !== "string") {
    throw unusable(file, `the principal of ${keyId} is ${kindOf(principal)}`);
  }
  const place = `${keyId} in ${file}`;
  const material = typeof key === "string" ? keyIn(key, place) : jsonWebKey(key, place);
  return { key: material, principal };
}

/** The key in a text; what is wrong is said without any of it. */
function keyIn(text: string, where: string): KeyMaterial {
  const trimmed = text.trim();
  if (trimmed.startsWith("{")) return jsonWebKey(jsonIn(trimmed), where);
  try {
    return Uint8Array.fromBase64(trimmed);
  } catch {
    throw unusable(where, "it is neither JSON nor base64");
  }
}

function jsonWebKey(value: unknown, where: string): KeyMaterial {
  if (typeof value === "object" && value !== null && "kty" in value) return value as JsonWebKey;
  throw unusable(where, "it is no JSON Web Key: `kty` is missing");
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // refused by who asked for an object
  }
}

function unusable(where: string, reason: string): UsageError {
  return new UsageError(`Cannot use the key of ${where}: ${reason}. ${KEY_ADVICE}`);
}
