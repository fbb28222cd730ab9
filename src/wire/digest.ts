// What tells two requests under one id apart.
import { createHash } from "node:crypto";
import type { Payload } from "./outcome.ts";
import { HEADER, JSON_TYPE, utf8 } from "./headers.ts";
import type { IncomingRecord } from "./record.ts";
import { MAX_SHORT_BYTES, message, sha256 } from "./sha256.ts";

/** 132 bits: to find an input with the digest of another one takes as many as 2^132 attempts. */
const CHARACTERS = 22;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const codes: number[] = new Array(CHARACTERS).fill(0);

const NOTHING = new Uint8Array(0);
const JSON_BYTES = utf8(JSON_TYPE);

/**
 * Digests what a client asks for: SHA-256 over the command, the content type and the input, the
 * first two behind their length as 32 bits, so that none of their bytes can count for another part.
 * Metadata is left out: what lies between client and server may add headers.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4648#section-5
 */
export function requestDigest(request: { command: string; input: Payload }): string {
  const { command, input } = request;
  const type = input.contentType === JSON_TYPE ? JSON_BYTES : utf8(input.contentType);
  return digest(utf8(command), type, input.bytes);
}

/**
 * Digests any record of the commands topic, however broken; of a readable request it is the same as
 * {@linkcode requestDigest}.
 */
export function recordDigest({ headers, value }: IncomingRecord): string {
  const command = headers.get(HEADER.command) ?? NOTHING;
  return digest(command, headers.get(HEADER.contentType) ?? JSON_BYTES, value ?? NOTHING);
}

function digest(command: Uint8Array, contentType: Uint8Array, value: Uint8Array): string {
  const prefixBytes = 8 + command.length + contentType.length;
  const length = prefixBytes + value.length;
  if (length > MAX_SHORT_BYTES) {
    const prefix = new Uint8Array(prefixBytes);
    writePrefix(prefix, command, contentType);
    return createHash("sha256").update(prefix).update(value).digest("base64url")
      .slice(0, CHARACTERS);
  }
  writePrefix(message, command, contentType);
  message.set(value, prefixBytes);
  return base64url(sha256(length));
}

function writePrefix(target: Uint8Array, command: Uint8Array, contentType: Uint8Array): void {
  writeLength(target, 0, command.length);
  target.set(command, 4);
  const at = 4 + command.length;
  writeLength(target, at, contentType.length);
  target.set(contentType, at + 4);
}

function writeLength(target: Uint8Array, at: number, length: number): void {
  for (let byte = 0; byte < 4; byte++) target[at + byte] = length >>> 24 - 8 * byte;
}

/** The first characters of the digest: six bits each, the highest first. */
function base64url(words: Int32Array): string {
  for (let index = 0; index < CHARACTERS; index++) {
    const bit = 6 * index;
    const word = words[bit >> 5]!;
    const over = (bit & 31) - 26;
    // The last bits of one word and the first of the next.
    const six = over <= 0 ? word >>> -over : word << over | words[(bit >> 5) + 1]! >>> 32 - over;
    codes[index] = ALPHABET.charCodeAt(six & 63);
  }
  return String.fromCharCode.apply(null, codes);
}
