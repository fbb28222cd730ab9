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
    for (const refused of [Map, Set, Error, RegExp, Promise]) {
      if (!(value instanceof refused)) continue;
      throw new TypeError(`a ${refused.name} cannot be sent. Send an array, an object or its text`);
    }
    return null; // left to MessagePack itself
  },
  decode: (bytes) => bytes,
});

/** The codec of `application/x-msgpack`. */
const msgpack: Codec = {
  contentType: "application/x-msgpack",
  encode(value) {
    if (value === undefined) return new Uint8Array(0);
    return encode(value, { extensionCodec, ignoreUndefined: true });
  },
  decode(bytes) {
    if (bytes.length === 0) return undefined;
    return decode(bytes, { extensionCodec });
  },
};
export default msgpack;
