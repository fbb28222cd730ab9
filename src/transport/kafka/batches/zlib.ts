// Unpacks gzip and zstd, by the runtime's own library.
import { createGunzip, createZstdDecompress, gunzipSync, zstdDecompressSync } from "node:zlib";
import { type Budget, UnreadableBatch } from "./batch.ts";

/**
 * What unpacks to this much is unpacked at once: 45 µs for a batch of some records, where a stream
 * takes 115 to 205 µs. At most 4 ms.
 */
const AT_ONCE_BYTES = 1024 * 1024;
/** Packed bytes beyond this are many more unpacked. */
const AT_ONCE_PACKED_BYTES = 256 * 1024;
/**
 * Pieces of a stream. Deno unpacks in one stretch, on the thread of the event loop, until a piece is
 * full and not wanted yet: 32 MiB in pieces of 16 KiB held the loop for 87 to 231 ms.
 */
const PIECE_BYTES = 256 * 1024;

const FORMATS = {
  gzip: { sync: gunzipSync, stream: createGunzip },
  zstd: { sync: zstdDecompressSync, stream: createZstdDecompress },
};

/** Unpacks to pieces: after each, a pause is possible. */
export function unpackZlib(
  format: keyof typeof FORMATS,
  bytes: Uint8Array,
  budget: Budget,
): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (bytes.length > AT_ONCE_PACKED_BYTES) return unpackStream(format, bytes, budget);
  try {
    const unpacked = FORMATS[format].sync(bytes, { maxOutputLength: AT_ONCE_BYTES });
    budget.take(unpacked.length);
    return [unpacked];
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_BUFFER_TOO_LARGE") throw wrong(format, error);
    return unpackStream(format, bytes, budget);
  }
}

async function* unpackStream(
  format: keyof typeof FORMATS,
  bytes: Uint8Array,
  budget: Budget,
): AsyncGenerator<Uint8Array, void, void> {
  const stream = FORMATS[format].stream({ chunkSize: PIECE_BYTES });
  stream.end(bytes);
  try {
    for await (const piece of stream) {
      budget.take(piece.length);
      yield piece;
    }
  } catch (error) {
    throw wrong(format, error);
  }
}

function wrong(format: string, error: unknown): unknown {
  if (error instanceof UnreadableBatch) return error;
  return new UnreadableBatch(`its ${format} can't be unpacked: ${(error as Error).message}`);
}
