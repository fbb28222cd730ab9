// What tells two requests under one id apart.
import { createHash } from "node:crypto";
import type { Payload } from "./outcome.ts";
import { HEADER, JSON_TYPE } from "./headers.ts";
import { utf8 } from "./utf8.ts";
import type { IncomingRecord } from "./record.ts";

/** 132 bits: to find an input with the digest of another one takes as many as 2^132 attempts. */
const CHARACTERS = 22;

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
  const prefix = new Uint8Array(8 + command.byteLength + contentType.byteLength);
  const view = new DataView(prefix.buffer);
  view.setUint32(0, command.byteLength);
  prefix.set(command, 4);
  view.setUint32(4 + command.byteLength, contentType.byteLength);
  prefix.set(contentType, 8 + command.byteLength);
  const hash = createHash("sha256").update(prefix).update(value);
  return hash.digest("base64url").slice(0, CHARACTERS);
}
