// Text as UTF-8.
import type { Codec } from "./codec.ts";

/**
 * Creates the codec of text, which encodes `String(value)`. Self-contained, because it travels as
 * text; it holds the functions of the moment it was created, because commands may replace them.
 */
export function createTextCodec(): Codec {
  const text = String;
  const utf8 = new TextEncoder();
  const encodeUtf8 = utf8.encode.bind(utf8);
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const decodeUtf8 = strict.decode.bind(strict);
  return {
    contentType: "text/plain",
    encode: (value) => encodeUtf8(text(value)),
    decode(bytes) {
      try {
        return decodeUtf8(bytes);
      } catch {
        throw new TypeError("the value is not UTF-8"); // a fatal decoder says nothing else
      }
    },
  };
}
