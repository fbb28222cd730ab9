/**
 * Text cut into lines.
 *
 * @module
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";

/**
 * The lines of what a process writes. Line feed, carriage return, both together, U+2028 and U+2029
 * end a line; the last one needs no end.
 */
export function linesOf(bytes: ReadableStream<Uint8Array>): AsyncIterableIterator<string> {
  const input = Readable.fromWeb(bytes as NodeReadableStream<Uint8Array>);
  const lines = createInterface({ input, crlfDelay: Infinity });
  // Taken at once: lines that come before the first look at it are kept from here on.
  return lines[Symbol.asyncIterator]();
}
