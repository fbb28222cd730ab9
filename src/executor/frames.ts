// Frames on the pipes of a child process.
import { RpcError } from "../wire/errors.ts";

/** Four bytes of length, big-endian, and the content. */
export function frameOf(bytes: Uint8Array): Uint8Array {
  return joined([bytesOf(bytes.length), bytes]);
}

/** A frame whose content begins with a byte that names its reader. */
export function addressedFrame(target: number, bytes: Uint8Array): Uint8Array {
  return joined([bytesOf(1 + bytes.length), Uint8Array.of(target), bytes]);
}

/** The bytes of all parts, one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A number as four bytes, big-endian. */
export function bytesOf(number: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

/** Bytes of a message without those of its value, as its frame says; see `createMessageCodec`. */
export function messageBytes(frame: Uint8Array): number {
  if (frame.byteLength < 4) return 0;
  return new DataView(frame.buffer, frame.byteOffset).getUint32(0);
}

/** `bytes`: the length of the result, or of the frame that it is in. */
export function oversized(bytes: number, limit: number): RpcError {
  return new RpcError(
    "resource_exhausted",
    `its result has ${bytes} bytes or more, the limit is ${limit}`,
  );
}

/** Cuts frames out of a pipe that hostile code may write to. */
export class FrameReader {
  readonly #nonce: Uint8Array;
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #size = 0;

  /** Each frame begins with the nonce; one over `maxBytes` is refused before it is read. */
  constructor(nonce: Uint8Array, maxBytes: number) {
    this.#nonce = nonce;
    this.#maxBytes = maxBytes + nonce.length;
  }

  /**
   * Takes bytes as they come. Throws a TypeError for what is no frame, `resource_exhausted` for a
   * frame that is too long.
   */
  read(chunk: Uint8Array, onFrame: (frame: Uint8Array) => void): void {
    this.#parts.push(chunk);
    this.#size += chunk.byteLength;
    while (this.#size >= 4) {
      const length = this.#length();
      if (this.#size < 4 + length) return;
      const whole = this.#join();
      this.#parts = whole.byteLength === 4 + length ? [] : [whole.subarray(4 + length)];
      this.#size -= 4 + length;
      onFrame(whole.subarray(4 + this.#nonce.length, 4 + length));
    }
  }

  /** The length of the frame at the front, whose nonce is checked as soon as it is there. */
  #length(): number {
    const head = this.#parts[0]!.byteLength >= 4 + this.#nonce.length
      ? this.#parts[0]!
      : this.#join();
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
    const nonce = head.subarray(4, 4 + this.#nonce.length);
    const tooLong = length > this.#maxBytes;
    const ours = length >= this.#nonce.length &&
      nonce.every((byte, at) => byte === this.#nonce[at]) &&
      (!tooLong || nonce.length === this.#nonce.length);
    if (!ours) {
      throw new TypeError("something else than a frame was written to its standard output");
    }
    // Refused by its length alone: not a byte more of it is read.
    if (tooLong) throw oversized(length, this.#maxBytes);
    return length;
  }

  #join(): Uint8Array {
    if (this.#parts.length > 1) this.#parts = [joined(this.#parts)];
    return this.#parts[0]!;
  }
}
