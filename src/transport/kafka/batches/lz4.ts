// Unpacks an LZ4 frame. Its checksums are not looked at: that of the batch covers the same bytes.
// See https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
// See https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
import { type Budget, UnreadableBatch } from "./batch.ts";
import { copyLiteral, repeat } from "./copy.ts";

const MAGIC = 0x184d_2204;
/** Flags of a frame. */
const INDEPENDENT_BLOCKS = 0b10_0000;
const BLOCK_CHECKSUMS = 0b1_0000;
const CONTENT_SIZE = 0b1000;
const DICTIONARY = 0b1;
/** Set in the length of a block that is not packed. */
const PLAIN = 0x8000_0000;
/** How far back a repetition reaches. */
const WINDOW_BYTES = 65_536;
/** A byte stands for 255 at most: nothing unpacks to more than this many times its size. */
const MAX_RATIO = 255;
/** Reserved at a time, so that a frame of very small blocks takes few buffers. */
const BUFFER_BYTES = 262_144;
const LEAST_REPETITION = 4;
/** A length that does not fit into four bits goes on in the next bytes. */
const LONG = 15;

/** Unpacks to a piece a block, 4 MiB at most: after each, a pause is possible. */
export function* unpackLz4(bytes: Uint8Array, budget: Budget): Generator<Uint8Array, void, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = bytes[4] ?? 0;
  if (bytes.length < 7 || view.getUint32(0, true) !== MAGIC || flags >>> 6 !== 1) {
    throw new UnreadableBatch("it holds no LZ4 frame");
  }
  if ((flags & DICTIONARY) !== 0) throw new UnreadableBatch("its LZ4 frame needs a dictionary");
  const maxBlockBytes = 2 ** (2 * (bytes[5]! >>> 4 & 7) + 8);
  const output = new Output((flags & INDEPENDENT_BLOCKS) === 0);
  for (let at = (flags & CONTENT_SIZE) === 0 ? 7 : 15;;) {
    if (at + 4 > bytes.length) throw new UnreadableBatch("its LZ4 frame is cut");
    const word = view.getUint32(at, true);
    if (word === 0) return;
    at += 4;
    const length = word & ~PLAIN;
    const left = bytes.length - at;
    if (length > left || length > maxBlockBytes) {
      throw new UnreadableBatch(`an LZ4 block should have ${length} bytes, ${left} are left`);
    }
    const block = bytes.subarray(at, at + length);
    output.reserve(Math.min(maxBlockBytes, MAX_RATIO * length), MAX_RATIO * left);
    const piece = word >= PLAIN ? output.append(block) : output.unpack(block);
    if (piece.length > maxBlockBytes) {
      throw new UnreadableBatch(`an LZ4 block unpacks to more than ${maxBlockBytes} bytes`);
    }
    budget.take(piece.length);
    yield piece;
    at += length + ((flags & BLOCK_CHECKSUMS) === 0 ? 0 : 4);
  }
}

class Output {
  readonly #linked: boolean;
  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;

  constructor(linked: boolean) {
    this.#linked = linked;
  }

  /** Makes room for a block, and for the next ones where the rest of the frame is as large. */
  reserve(blockBytes: number, restBytes: number): void {
    if (this.#bytes.length - this.#end >= blockBytes) return;
    const window = this.#linked
      ? this.#bytes.subarray(Math.max(0, this.#end - WINDOW_BYTES), this.#end)
      : new Uint8Array(0);
    const room = Math.min(restBytes, Math.max(blockBytes, BUFFER_BYTES));
    this.#bytes = new Uint8Array(window.length + room);
    this.#bytes.set(window);
    this.#end = window.length;
  }

  append(block: Uint8Array): Uint8Array {
    const from = this.#end;
    this.#bytes.set(block, from);
    this.#end += block.length;
    return this.#bytes.subarray(from, this.#end);
  }

  unpack(block: Uint8Array): Uint8Array {
    const from = this.#end;
    this.#end = unpackBlock(block, this.#bytes, { first: this.#linked ? 0 : from, to: from });
    return this.#bytes.subarray(from, this.#end);
  }
}

/** Unpacks a block behind `to`, with repetitions that begin at `first` or later; gives its end. */
function unpackBlock(
  block: Uint8Array,
  output: Uint8Array,
  { first, to }: { first: number; to: number },
): number {
  let at = 0;
  const wrong = () => new UnreadableBatch(`an LZ4 block is wrong at byte ${at}`);
  const longer = (length: number): number => {
    for (let byte = 255; byte === 255; length += byte) byte = block[at++] ?? 0;
    return length;
  };
  for (;;) {
    const token = block[at++] ?? 0;
    let length = token >>> 4;
    if (length === LONG) length = longer(length);
    if (length > block.length - at || length > output.length - to) throw wrong();
    copyLiteral(output, to, { bytes: block, at, length });
    at += length;
    to += length;
    if (at === block.length) return to; // literals alone are the last sequence
    const distance = block[at]! | (block[at + 1] ?? 0) << 8;
    at += 2;
    length = token & LONG;
    if (length === LONG) length = longer(length);
    length += LEAST_REPETITION;
    if (distance === 0 || distance > to - first || length > output.length - to) throw wrong();
    repeat(output, to, { distance, length });
    to += length;
  }
}
