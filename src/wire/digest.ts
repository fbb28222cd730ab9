// What tells two requests under one id apart.
import { createHash } from "node:crypto";
import type { Payload } from "./outcome.ts";
import { HEADER, JSON_TYPE } from "./headers.ts";
import { utf8 } from "./utf8.ts";
import type { IncomingRecord } from "./record.ts";
import { CHARACTERS, PADDING_BYTES, SHORT_BYTES, shortSha256 } from "./sha256.ts";

const NOTHING = new Uint8Array(0);
/** In memory of its own: it lives on. */
const JSON_BYTES = new TextEncoder().encode(JSON_TYPE);

/** What is short is put together here. */
const room = new Uint8Array(SHORT_BYTES + PADDING_BYTES);

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
  const prefix = 8 + command.length + contentType.length;
  const isShort = prefix + value.length <= SHORT_BYTES;
  const bytes = isShort ? room : new Uint8Array(prefix);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, command.length);
  bytes.set(command, 4);
  view.setUint32(4 + command.length, contentType.length);
  bytes.set(contentType, 8 + command.length);
  if (!isShort) {
    const hash = createHash("sha256").update(bytes).update(value);
    return hash.digest("base64url").slice(0, CHARACTERS);
  }
  bytes.set(value, prefix);
  return shortSha256(bytes, prefix + value.length);
}
