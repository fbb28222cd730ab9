// Bytes as libraries of Node want them.
import { Buffer } from "node:buffer";

/** A view, not a copy: for a library that wants a Buffer and only reads it. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}
