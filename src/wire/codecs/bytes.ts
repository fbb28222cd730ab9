// Bytes as they are.
import type { Codec } from "./codec.ts";

/** Creates the codec of bytes. Self-contained, because it travels as text. */
export function createBytesCodec(): Codec {
  return {
    contentType: "application/octet-stream",
    encode(value) {
      // A copy: the caller may go on writing into its own.
      if (value instanceof Uint8Array) return new Uint8Array(value);
      if (value instanceof ArrayBuffer) return new Uint8Array(value.slice());
      throw new TypeError("the value is a view of bytes but no Uint8Array. Make one of its buffer");
    },
    decode: (bytes) => new Uint8Array(bytes),
  };
}
