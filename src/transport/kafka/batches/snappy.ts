// Unpacks snappy: a bare block, as librdkafka and most clients write it, or the stream of
// blocks that Java's library writes.
// See https://github.com/google/snappy/blob/main/format_description.txt
// See https://github.com/xerial/snappy-java#stream-based-api
import { type Budget, UnreadableBatch } from "./batch.ts";
import { copyLiteral, repeat } from "./copy.ts";

/** Java's stream begins with this, and with two versions of four bytes each. */
const JAVA_MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00];
const JAVA_HEADER_BYTES = 16;
/** Between pauses. */
const STRETCH_BYTES = 128 * 1024;
/** Three bytes repeat 64 at most: a block that names more than this many times its size is wrong. */
const MAX_RATIO = 22;
/** Kinds of elements, and how many bytes the distance of the others has. */
const LITERAL = 0;
const DISTANCE_BYTES = [0, 1, 2, 4];

/** Unpacks to a piece a block, and undefined where a pause is possible. */
export function* unpackSnappy(
  bytes: Uint8Array,
  budget: Budget,
): Generator<Uint8Array | undefined, void, void> {
  if (JAVA_MAGIC.some((byte, at) => bytes[at] !== byte)) return yield* unpackBlock(bytes, budget);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = JAVA_HEADER_BYTES; at < bytes.length;) {
    if (at + 4 > bytes.length) throw new UnreadableBatch("its snappy stream is cut");
    const length = view.getInt32(at);
    at += 4;
    if (length < 0 || length > bytes.length - at) {
      const left = bytes.length - at;
      throw new UnreadableBatch(`a snappy block should have ${length} bytes, ${left} are left`);
    }
    yield* unpackBlock(bytes.subarray(at, at + length), budget);
    at += length;
  }
}

function* unpackBlock(
  bytes: Uint8Array,
  budget: Budget,
): Generator<Uint8Array | undefined, void, void> {
  let at = 0;
  let size = 0;
  for (let factor = 1, byte = 0x80; byte >= 0x80; factor *= 128) {
    byte = bytes[at++] ?? 0;
    size += (byte & 0x7f) * factor;
  }
  if (size > MAX_RATIO * bytes.length) {
    throw new UnreadableBatch(`a snappy block of ${bytes.length} bytes names ${size}`);
  }
  budget.take(size);
  const output = new Uint8Array(size);
  const wrong = (): UnreadableBatch => new UnreadableBatch(`a snappy block is wrong at byte ${at}`);
  let pauseAt = STRETCH_BYTES;
  let to = 0;
  while (at < bytes.length) {
    if (to >= pauseAt) {
      yield undefined;
      pauseAt = to + STRETCH_BYTES;
    }
    const tag = bytes[at++]!;
    let length = (tag >>> 2) + 1;
    if ((tag & 3) === LITERAL) {
      if (length > 60) {
        const width = length - 60;
        length = number(bytes, at, width) + 1;
        at += width;
      }
      if (length > bytes.length - at || length > size - to) throw wrong();
      copyLiteral(output, to, { bytes, at, length });
      at += length;
    } else {
      const width = DISTANCE_BYTES[tag & 3]!;
      let distance = number(bytes, at, width);
      if (width === 1) {
        length = (tag >>> 2 & 7) + 4;
        distance += tag >>> 5 << 8;
      }
      at += width;
      if (at > bytes.length || distance === 0 || distance > to || length > size - to) throw wrong();
      repeat(output, to, { distance, length });
    }
    to += length;
  }
  if (to !== size) throw new UnreadableBatch(`a snappy block names ${size} bytes and has ${to}`);
  yield output;
}

/** Little-endian; bytes beyond the end count as 0. */
function number(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}
