/**
 * Values as CBOR: bytes, dates, NaN and integers of 64 bits inside of objects.
 *
 * `undefined` is zero bytes as the whole value, and left out as a property. Dates have tag 1, and
 * those that others sent with tag 0 are read. A BigInt is an integer, and is a BigInt again where no
 * number holds it. What would arrive as something else is refused: a Map, a Set, an Error, a RegExp,
 * a Promise, a URL, views of bytes other than Uint8Array, and a BigInt that a number holds.
 *
 * @example A server that offers it, for clients that choose it
 * ```ts
 * import { connect, serve } from "@kafka-rpc/deno";
 * import cbor from "@kafka-rpc/deno/cbor";
 *
 * export async function main(): Promise<void> {
 *   await using server = await serve({
 *     commands: new URL("./commands.ts", import.meta.url),
 *     codecs: [new URL(import.meta.resolve("@kafka-rpc/deno/cbor"))],
 *   });
 *   await using client = await connect({ codec: cbor });
 *   console.log(await client.call("resize", { image: new Uint8Array(8), taken: new Date() }));
 * }
 * ```
 *
 * @see https://www.rfc-editor.org/rfc/rfc8949
 * @module
 */
import { decode, encode, Token, Type } from "cborg";
import type { Codec } from "./codec.ts";

const TAG_TEXT_DATE = 0;
const TAG_EPOCH_DATE = 1;

/** Kinds of objects that would arrive as another one. */
const CHANGED = [
  ..."Map Set WeakMap WeakSet Error RegExp Promise URL".split(" "),
  ..."ArrayBuffer SharedArrayBuffer DataView Int8Array Uint8ClampedArray Int16Array".split(" "),
  ..."Uint16Array Int32Array Uint32Array Float32Array Float64Array BigInt64Array".split(" "),
  "BigUint64Array",
];

const refuse = (kind: string) => (): never => {
  throw new TypeError(`a ${kind} cannot be sent. Send an array, an object, its text or Uint8Array`);
};

const typeEncoders = {
  ...Object.fromEntries(CHANGED.map((kind) => [kind, refuse(kind)])),
  Date(date: Date) {
    const seconds = date.getTime() / 1_000;
    if (Number.isNaN(seconds)) throw new TypeError("an invalid Date cannot be sent. Send null");
    return [new Token(Type.tag, TAG_EPOCH_DATE), new Token(Type.float, seconds)];
  },
  bigint(value: bigint) {
    if (!Number.isSafeInteger(Number(value))) return null; // left to CBOR itself
    throw new TypeError("a BigInt that a number holds would arrive as one. Send a number");
  },
};

const tags = {
  [TAG_TEXT_DATE]: (inside: () => unknown) => new Date(String(inside())),
  [TAG_EPOCH_DATE]: (inside: () => unknown) => new Date(Math.round(Number(inside()) * 1_000)),
};

/** The codec of `application/cbor`. */
const cbor: Codec = {
  contentType: "application/cbor",
  encode(value) {
    if (value === undefined) return new Uint8Array(0);
    return encode(value, { typeEncoders, ignoreUndefinedProperties: true });
  },
  decode(bytes) {
    if (bytes.length === 0) return undefined;
    return decode(bytes, { tags });
  },
};
export default cbor;
