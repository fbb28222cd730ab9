// What turns values of one content type into bytes and back.

/**
 * A codec of a user's own. A module with one as its default export is what the option `codecs` of
 * `serve` names; the same codec is the option `codec` of `connect`.
 *
 * @example CBOR, with a library of your choice
 * ```ts
 * import type { Codec } from "@kafka-rpc/deno";
 *
 * declare const cbor: { encode(value: unknown): Uint8Array; decode(bytes: Uint8Array): unknown };
 *
 * export default { contentType: "application/cbor", ...cbor } satisfies Codec;
 * ```
 */
export interface Codec {
  /** Media type of what it encodes, in lower case and without parameters. */
  readonly contentType: string;
  /**
   * Encodes a value.
   *
   * @throws {unknown} Where the value would not arrive as it is.
   */
  encode(value: unknown): Uint8Array;
  /**
   * Decodes what {@linkcode Codec.encode} made.
   *
   * @throws {unknown} Where the bytes are not what the content type says.
   */
  decode(bytes: Uint8Array): unknown;
}
