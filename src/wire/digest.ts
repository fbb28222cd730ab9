// What tells two requests under one id apart.
import { createHash } from "node:crypto";
import type { Payload } from "./outcome.ts";
import { HEADER, JSON_TYPE, utf8 } from "./headers.ts";
import type { IncomingRecord } from "./record.ts";
import { room, SHORT_BYTES, shortSha256 } from "./short_sha256.ts";

/** 132 bits: to find an input with the digest of another one takes as many as 2^132 attempts. */
const CHARACTERS = 22;

const NOTHING = new Uint8Array(0);
const JSON_BYTES = utf8(JSON_TYPE);
const LENGTH_BYTES = 4;
const BASE64URL = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]
  .map((character) => character.charCodeAt(0));

/** Where short parts are put together; nothing of them outlasts the call. */
const bytes = room();
const codes = new Array<number>(CHARACTERS).fill(0);

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
  const prefixBytes = 2 * LENGTH_BYTES + command.length + contentType.length;
  const length = prefixBytes + value.length;
  if (length > SHORT_BYTES) {
    const prefix = new Uint8Array(prefixBytes);
    write(prefix, command, contentType);
    const hash = createHash("sha256").update(prefix).update(value);
    return hash.digest("base64url").slice(0, CHARACTERS);
  }
  write(bytes, command, contentType);
  put(bytes, prefixBytes, value);
  return base64url(shortSha256(bytes, length));
}

function write(target: Uint8Array, command: Uint8Array, contentType: Uint8Array): void {
  putLength(target, 0, command.length);
  put(target, LENGTH_BYTES, command);
  const at = LENGTH_BYTES + command.length;
  putLength(target, at, contentType.length);
  put(target, at + LENGTH_BYTES, contentType);
}

function putLength(target: Uint8Array, at: number, length: number): void {
  target[at] = length >>> 24;
  target[at + 1] = length >>> 16;
  target[at + 2] = length >>> 8;
  target[at + 3] = length;
}

/** For some twenty bytes a loop is faster than `set`. */
function put(target: Uint8Array, at: number, part: Uint8Array): void {
  for (let index = 0; index < part.length; index++) target[at + index] = part[index]!;
}

/** The first characters of 32-bit words. */
function base64url(words: Int32Array): string {
  for (let index = 0; index < CHARACTERS; index++) {
    const bit = 6 * index;
    const offset = bit & 31;
    const word = words[bit >>> 5]!;
    const value = offset <= 26
      ? word >>> 26 - offset
      : word << offset - 26 | words[(bit >>> 5) + 1]! >>> 58 - offset;
    codes[index] = BASE64URL[value & 63]!;
  }
  return String.fromCharCode.apply(null, codes);
}
