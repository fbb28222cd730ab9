// Unpacks the records of a batch, by its codec.
//
// Snappy and LZ4 are decoders of our own: those of npm unpack all in one stretch, and were tried with
// what a stranger may send. lz4js 0.2.0 held the event loop for 4.4 s with 1 MB of bytes 255, and gives
// wrong bytes for blocks that are linked. snappyjs 0.7.0 took 0.2 s at once for 32 MiB; hysnappy 1.1.1
// takes 80 MB of memory for them. @foxglove/wasm-lz4 1.0.2 must be given the unpacked size and
// reserves it in a memory that never shrinks; @rinsuki/lz4-ts 1.0.1 has no frames. The others are
// native.
// See https://kafka.apache.org/documentation/#recordbatch
import { type BatchHeader, Budget, UnreadableBatch } from "./batch.ts";
import { unpackLz4 } from "./lz4.ts";
import type { Pace } from "./pace.ts";
import { unpackSnappy } from "./snappy.ts";
import { unpackZlib } from "./zlib.ts";

/** Unpacked bytes, behind those of the piece before. */
interface Piece {
  readonly bytes: Uint8Array;
  /** Whether they are part of the batch itself. */
  readonly borrowed: boolean;
  /** Whether nothing else uses their buffer. */
  readonly exclusive: boolean;
}

/** Steps of unpacking: a piece, or only a moment at which a pause is possible. */
type Steps = Iterable<Uint8Array | undefined> | AsyncIterable<Uint8Array | undefined>;

const CODECS: Record<number, (bytes: Uint8Array, budget: Budget) => Steps> = {
  1: (bytes, budget) => unpackZlib("gzip", bytes, budget),
  2: unpackSnappy,
  3: unpackLz4,
  4: (bytes, budget) => unpackZlib("zstd", bytes, budget),
};

const BY_ZLIB = new Set([1, 4]);

/**
 * Unpacks what stands behind the header of a batch. A record may begin in one piece and end in
 * another.
 *
 * @throws {UnreadableBatch} Also while it is iterated: what can't be unpacked, and what is too much.
 */
export function unpack(
  bytes: Uint8Array,
  options: {
    readonly batch: BatchHeader;
    readonly maxUnpackedBytes: number;
    readonly pace: Pace;
  },
): Iterable<Piece> | AsyncIterable<Piece> {
  const { batch: { codec }, maxUnpackedBytes, pace } = options;
  if (codec === 0) return [{ bytes, borrowed: true, exclusive: false }];
  const steps = CODECS[codec];
  if (steps === undefined) throw new UnreadableBatch(`its codec (${codec}) is not known`);
  return paced(steps(bytes, new Budget(maxUnpackedBytes)), { pace, byZlib: BY_ZLIB.has(codec) });
}

async function* paced(
  steps: Steps,
  { pace, byZlib }: { readonly pace: Pace; readonly byZlib: boolean },
): AsyncGenerator<Piece, void, void> {
  for await (const bytes of steps) {
    if (pace.due) await pace.pause();
    if (bytes === undefined) continue;
    // A stream goes on in the buffer of a piece that does not fill it, LZ4 repeats from it.
    yield { bytes, borrowed: false, exclusive: byZlib && bytes.length === bytes.buffer.byteLength };
  }
}
