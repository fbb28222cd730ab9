// Decodes the record batches of a fetch: bounded whatever their bytes are, and so that a
// batch that can't be read is passed by, and never the end of reading.
//
// Its consumer delivers `records`, logs `unreadable`, and goes on at `nextOffset`.
// See https://kafka.apache.org/documentation/#messageformat
import { type BatchHeader, type BatchPart, UnreadableBatch } from "./batch.ts";
import { crc32c } from "./crc32c.ts";
import { CHECKED_FROM, HEADER_BYTES, namedChecksum, readFrame } from "./frame.ts";
import { Pace } from "./pace.ts";
import { RecordReader } from "./record_reader.ts";
import { unpack } from "./unpack.ts";

/** Most bytes that a compressed batch may unpack to, unless the options say otherwise. */
const MAX_UNPACKED_BYTES = 32 * 1024 * 1024;
/** A record takes at least this many bytes in its batch. */
const LEAST_RECORD_BYTES = 7;

export interface DecodeOptions {
  /** Offset that was asked for: a fetch begins with the whole batch that holds it. */
  readonly from: bigint;
  readonly maxUnpackedBytes?: number | undefined;
  /** The pauses, where more is decoded before and after it. */
  readonly pace?: Pace | undefined;
}

/**
 * Decodes what a fetch gave for one partition, in the order of the offsets; nothing where no whole
 * batch reaches `from`.
 *
 * The event loop goes on after 20 ms of work, and one unpacked batch is held at most. Leaving the
 * loop ends the work. Nothing in the bytes makes it throw. They may end anywhere in a batch, and
 * must not change meanwhile. What is delivered holds copies.
 */
export async function* decodeBatches(
  bytes: Uint8Array,
  options: DecodeOptions,
): AsyncGenerator<BatchPart, void, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { maxUnpackedBytes = MAX_UNPACKED_BYTES, pace = new Pace() } = options;
  let { from } = options;
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
        const decoding = { batch: frame.header, from, pace, maxUnpackedBytes };
        yield* decodeBatch(bytes.subarray(at, frame.end), decoding);
      } else {
        const unreadable = { reason: frame.reason, fromOffset: from, lastOffset };
        yield { batch: undefined, records: [], nextOffset: lastOffset + 1n, unreadable };
      }
      from = lastOffset + 1n;
    }
    at = frame.end;
  }
}

interface BatchDecoding {
  readonly batch: BatchHeader;
  readonly from: bigint;
  /** When to let the event loop go on. */
  readonly pace: Pace;
  readonly maxUnpackedBytes: number;
}

/** Decodes a batch to at least one part, of which the last goes on behind the batch. */
async function* decodeBatch(
  bytes: Uint8Array,
  decoding: BatchDecoding,
): AsyncGenerator<BatchPart, void, void> {
  const { batch, from, pace } = decoding;
  const nextOffset = batch.lastOffset + 1n;
  if (batch.control) return yield { batch, records: [], nextOffset, unreadable: undefined };

  const reader = new RecordReader(batch, decoding);
  let records: BatchPart["records"] = [];
  let fault: UnreadableBatch | undefined;
  try {
    check(bytes, batch);
    for await (const piece of unpack(bytes.subarray(HEADER_BYTES), decoding)) {
      reader.push(piece.bytes, piece);
      while (reader.ready) {
        if (records.length > 0) {
          yield { batch, records, nextOffset: reader.nextOffset, unreadable: undefined };
        }
        records = reader.take();
        if (pace.due) await pace.pause();
      }
      if (reader.done || reader.fault !== undefined) break;
    }
    if (!reader.done) fault = reader.fault ?? reader.incomplete;
  } catch (error) {
    if (!(error instanceof UnreadableBatch)) throw error;
    fault = error;
  }

  if (fault === undefined) return yield { batch, records, nextOffset, unreadable: undefined };
  const fromOffset = reader.nextOffset > from ? reader.nextOffset : from;
  if (records.length > 0) yield { batch, records, nextOffset: fromOffset, unreadable: undefined };
  const unreadable = { reason: fault.message, fromOffset, lastOffset: batch.lastOffset };
  yield { batch, records: [], nextOffset, unreadable };
}

function check(bytes: Uint8Array, { count, codec }: BatchHeader): void {
  const named = namedChecksum(bytes);
  const computed = crc32c(bytes.subarray(CHECKED_FROM));
  if (named !== computed) {
    const [theirs, ours] = [named, computed].map((crc) => crc.toString(16).padStart(8, "0"));
    throw new UnreadableBatch(`its checksum is ${theirs}, its bytes give ${ours}`);
  }
  const left = bytes.length - HEADER_BYTES;
  if (count < 0 || codec === 0 && count * LEAST_RECORD_BYTES > left) {
    throw new UnreadableBatch(`it names ${count} records in ${left} bytes`);
  }
}
