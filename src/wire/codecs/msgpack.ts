/**
 * Values as MessagePack: bytes and dates inside of objects, and smaller than JSON.
 *
 * `undefined` is zero bytes, and left out as a property. What MessagePack would silently change
 * (a Map, a Set, an Error, a RegExp, a Promise) is refused, and so is a BigInt.
 *
 * @example A server that offers it, for clients that choose it
 * ```ts
 * import { connect, serve } from "@kafka-rpc/deno";
 * import msgpack from "@kafka-rpc/deno/msgpack";
 *
 * export async function main(): Promise<void> {
 *   await using server = await serve({
 *     commands: new URL("./commands.ts", import.meta.url),
 *     codecs: [new URL(import.meta.resolve("@kafka-rpc/deno/msgpack"))],
 *   });
 *   await using client = await connect({ codec: msgpack });
 *   console.log(await client.call("resize", { image: new Uint8Array(8), taken: new Date() }));
 * }
 * ```
 *
 * @see https://github.com/msgpack/msgpack/blob/master/spec.md
 * @module
 */
import { decode, encode, ExtensionCodec } from "@msgpack/msgpack";
import type { Codec } from "./codec.ts";

const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  type: 0,
  encode(value) {
    if (typeof value !== "object") {
      throw new TypeError(`a ${typeof value} cannot be sent. Send its text`);
    }
    for (const refused of [Map, Set, Error, RegExp, Promise]) {
      if (!(value instanceof refused)) continue;
      throw new TypeError(`a ${refused.name} cannot be sent. Send an array, an object or its text`);
    }
    return null; // left to MessagePack itself
  },
  decode: (bytes) => bytes,
});

/** Of a first byte that a length or a count follows, or that has one in it. */
const OTHER = 0xff;
/** By the first byte of a value: how many others it has. From 0xc0 on they follow no rule. */
const BEHIND = new Uint8Array(256);
BEHIND.fill(OTHER, 0x80, 0xa0);
for (let first = 0xa0; first < 0xc0; first++) BEHIND[first] = first & 0x1f;
BEHIND.set([0, 0, 0, 0, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, 4, 8, 1, 2, 4, 8], 0xc0);
BEHIND.set([1, 2, 4, 8, 2, 3, 5, 9, 17, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER], 0xd0);

/** A number of so many bytes; what is not there counts as 0. */
function numberAt(bytes: Uint8Array, at: number, width: number): number {
  let number = 0;
  for (let place = 0; place < width; place++) number = 256 * number + (bytes[at + place] ?? 0);
  return number;
}

/**
 * Throws where arrays and maps name more values than there are bytes. The library reserves memory by
 * what an array names, before it reads any of it: eighty bytes, arrays in arrays, took 4 GiB.
 */
function checkCounts(bytes: Uint8Array): void {
  const { length } = bytes;
  let named = 0;
  for (let at = 0; at < length && named <= length;) {
    const first = bytes[at++]!;
    const behind = BEHIND[first]!;
    if (behind !== OTHER) at += behind;
    else if (first < 0x90) named += 2 * (first & 0x0f);
    else if (first < 0xa0) named += first & 0x0f;
    else if (first >= 0xdc) {
      const width = first & 1 ? 4 : 2;
      named += numberAt(bytes, at, width) * (first >= 0xde ? 2 : 1);
      at += width;
    } else {
      // bin from 0xc4, ext from 0xc7, with a type behind its length, str from 0xd9.
      const isExt = first >= 0xc7 && first <= 0xc9;
      const width = 1 << first - (first >= 0xd9 ? 0xd9 : isExt ? 0xc7 : 0xc4);
      at += width + numberAt(bytes, at, width) + (isExt ? 1 : 0);
    }
  }
  if (named <= length) return;
  throw new TypeError(`it names ${named} values or more in ${length} bytes`);
}

/** The codec of `application/x-msgpack`. */
const msgpack: Codec = {
  contentType: "application/x-msgpack",
  encode(value) {
    if (value === undefined) return new Uint8Array(0);
    return encode(value, { extensionCodec, ignoreUndefined: true });
  },
  decode(bytes) {
    if (bytes.length === 0) return undefined;
    checkCounts(bytes);
    return decode(bytes, { extensionCodec });
  },
};
export default msgpack;
