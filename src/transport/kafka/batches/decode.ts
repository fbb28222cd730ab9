/**
 * Decodes the record batches of a fetch: bounded whatever their bytes are, and so that a
 * batch that can't be read is passed by, and never the end of reading.
 *
 * Its consumer delivers `records`, logs `unreadable`, and goes on at `nextOffset`.
 *
 * @see https://kafka.apache.org/documentation/#messageformat
 * @module
 */
import type { BatchPart } from "./batch.ts";
import { decodeBatch } from "./decode_batch.ts";
import { readFrame } from "./frame.ts";
import { HeaderNames } from "./header_names.ts";
import { Pace } from "./pace.ts";

const NAMES = new HeaderNames();
/** Most bytes that a compressed batch may unpack to, unless the options say otherwise. */
const MAX_UNPACKED_BYTES = 32 * 1024 * 1024;

export interface DecodeOptions {
  /** Offset that was asked for: a fetch begins with the whole batch that holds it. */
  readonly from: bigint;
  /** Most bytes that a compressed batch may unpack to. Default: 32 MiB. */
  readonly maxUnpackedBytes?: number | undefined;
}

/**
 * Decodes what a fetch gave for one partition.
 *
 * The event loop goes on after 20 ms of work, and one unpacked batch is held at most. Leaving the
 * loop ends the work. Nothing in the bytes makes it throw.
 *
 * @param bytes The records of one partition; they may end anywhere in a batch, and must not change
 *   meanwhile. What is delivered holds copies.
 * @param options The offset asked for, and limits.
 * @returns Parts in the order of their offsets; none where no whole batch reaches `from`.
 */
export async function* decodeBatches(
  bytes: Uint8Array,
  options: DecodeOptions,
): AsyncGenerator<BatchPart, void, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoding = {
    names: NAMES,
    pace: new Pace(),
    maxUnpackedBytes: options.maxUnpackedBytes ?? MAX_UNPACKED_BYTES,
  };
  let from = options.from;
  for (let at = 0; at < bytes.length;) {
    const frame = readFrame(view, at);
    // A fetch is cut where its most bytes are reached, but never in its first batch.
    if (frame.kind === "partial" && at > 0) return;
    if (frame.kind === "partial" || frame.kind === "broken") {
      const reason = `the end of a batch is not known: ${frame.reason}`;
      const unreadable = { reason, fromOffset: from, lastOffset: undefined };
      return yield { batch: undefined, records: [], nextOffset: undefined, unreadable };
    }
    const { lastOffset } = frame.kind === "batch" ? frame.header : frame;
    if (lastOffset >= from) {
      if (frame.kind === "batch") {
        yield* decodeBatch(bytes.subarray(at, frame.end), {
          ...decoding,
          batch: frame.header,
          from,
        });
      } else {
        const unreadable = { reason: frame.reason, fromOffset: from, lastOffset };
        yield { batch: undefined, records: [], nextOffset: lastOffset + 1n, unreadable };
      }
      from = lastOffset + 1n;
    }
    at = frame.end;
  }
}
