// Finds the frames in what a socket delivers: four bytes of length, then so many bytes.
// See https://kafka.apache.org/protocol#protocol_common
import { Buffer } from "node:buffer";
import { MalformedBytes } from "./bounded_reader.ts";

const LENGTH_BYTES = 4;
/** An answer has at least its correlation id. */
const MIN_FRAME_BYTES = 4;

/** Collects chunks until they are frames. Nothing is reserved by the length that a frame names. */
export class FrameCollector {
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** Bytes of the next frame, its length counted; of its length only, while that is unknown. */
  #needed = LENGTH_BYTES;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isInsideFrame(): boolean {
    return this.#bytes > 0;
  }

  /**
   * Takes the next chunk, which is kept, not copied, until its frame is whole. Gives the frames that
   * are whole now, without their lengths.
   *
   * @throws {MalformedBytes} For a length below 4 or above the limit.
   */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const frames: Uint8Array[] = [];
    while (this.#bytes >= this.#needed) {
      // Each byte is copied at most twice: once with its length, once with its frame.
      const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
      this.#chunks = [bytes];
      if (this.#needed === LENGTH_BYTES) {
        this.#needed += this.#lengthOf(bytes);
      } else {
        frames.push(bytes.subarray(LENGTH_BYTES, this.#needed));
        this.#chunks = [bytes.subarray(this.#needed)];
        this.#bytes -= this.#needed;
        this.#needed = LENGTH_BYTES;
      }
    }
    return frames;
  }

  #lengthOf(bytes: Uint8Array): number {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0);
    if (length >= MIN_FRAME_BYTES && length <= this.#maxBytes) return length;
    throw new MalformedBytes(
      `an answer of ${length} bytes${looksLike(bytes)}, where 4 to ${this.#maxBytes} are possible`,
    );
  }
}

/** What else begins with such bytes. */
function looksLike(bytes: Uint8Array): string {
  const first = bytes.subarray(0, LENGTH_BYTES);
  // An alert of TLS, and the version that all its records have.
  if (first[0] === 0x15 && first[1] === 3) return " (this is TLS)";
  if (first.some((byte) => byte < 0x20 || byte > 0x7e)) return "";
  return ` (the text ${JSON.stringify(String.fromCharCode(...first))})`;
}
