/** Decodes one batch, in parts where it is large. @module */
import { type BatchHeader, type BatchPart, UnreadableBatch } from "./batch.ts";
import { crc32c } from "./crc32c.ts";
import { CHECKED_FROM, HEADER_BYTES, namedChecksum } from "./frame.ts";
import type { HeaderNames } from "./header_names.ts";
import type { Pace } from "./pace.ts";
import { RecordReader } from "./record_reader.ts";
import { unpack } from "./unpack.ts";

/** A record takes at least this many bytes in its batch. */
const LEAST_RECORD_BYTES = 7;

/** What decoding a batch needs. */
export interface BatchDecoding {
  /** Its header. */
  readonly batch: BatchHeader;
  /** Records below this offset are left out. */
  readonly from: bigint;
  /** Names of headers that were seen before. */
  readonly names: HeaderNames;
  /** When to let the event loop go on. */
  readonly pace: Pace;
  /** Most bytes that it may unpack to. */
  readonly maxUnpackedBytes: number;
}

/**
 * Decodes a batch.
 *
 * @param decoding Its header, and what decoding it needs.
 * @returns At least one part; the last one goes on behind the batch.
 */
export async function* decodeBatch(
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
