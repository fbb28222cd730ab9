// Text as UTF-8 and back. Nearly all texts of a call are short and ASCII: its names, its id, and most
// of what is sent and answered.

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Most units of a text that is looked at one by one. */
const SHORT = 256;
/**
 * Many short texts share a buffer of so many bytes, which lives as long as one of them: no more than
 * the 0.9 kB that a kept reply takes besides. One of 8 192 is no faster.
 */
const SHARED_BYTES = 1_024;

let shared = new Uint8Array(SHARED_BYTES);
let used = 0;

/**
 * Encodes text as UTF-8. What is short is a part of a buffer: one of its own takes 0.4 µs to make and
 * as much to collect, and a call has four such texts. With this it takes 4 % less processor time.
 */
export function utf8(text: string): Uint8Array {
  const { length } = text;
  if (length > SHORT) return encoder.encode(text);
  // It has no bytes any more where somebody's code has transferred it.
  if (used + length >= shared.length) {
    shared = new Uint8Array(SHARED_BYTES);
    used = 0;
  }
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) return encoder.encode(text);
    shared[used + at] = code;
  }
  used += length;
  return new Uint8Array(shared.buffer, used - length, length);
}

/** Most bytes that are decoded without a decoder. */
const SHORT_BYTES = 64;

/**
 * Decodes UTF-8; undefined where the bytes are not UTF-8. Nearly all texts are short and ASCII: a
 * decoder takes 4.4 µs for an id, this 2.9.
 */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length <= SHORT_BYTES && isAscii(bytes)) {
    return String.fromCharCode.apply(null, bytes as Iterable<number> as number[]);
  }
  try {
    return strict.decode(bytes);
  } catch {
    return undefined; // a fatal TextDecoder tells nothing but that it is not UTF-8
  }
}

/** Whether bytes are a text in UTF-8; nothing is decoded while they are ASCII. */
export function isText(bytes: Uint8Array, text: string): boolean {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at]! > 0x7f) return textOf(bytes) === text;
    if (bytes[at] !== text.charCodeAt(at)) return false;
  }
  return bytes.length === text.length;
}

function isAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at]! > 0x7f) return false;
  return true;
}
