/**
 * Batches that are packed, soundly or not.
 *
 * @module
 */
import { gzipSync, zstdCompressSync } from "node:zlib";
import { batch, concat, varint, type WrittenBatch } from "./written.ts";

/** Numbers of the codecs, as the attributes of a batch have them. */
export const CODEC = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

/** A way to pack. The two without an encoder here write what they are given as it is. */
export const PACK: Record<keyof typeof CODEC, (bytes: Uint8Array) => Uint8Array> = {
  gzip: (bytes) => gzipSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
  snappy: (bytes) => snappy(bytes.length, [literal(bytes)]),
  lz4: (bytes) => lz4Frame(blocksOf(bytes).map((block) => ({ plain: block }))),
};

/** A batch whose records are packed already. */
export function packedBatch(
  codec: keyof typeof CODEC,
  packed: Uint8Array,
  header: WrittenBatch = {},
): Uint8Array {
  return batch(packed, { ...header, attributes: CODEC[codec] });
}

/** A snappy block that names this size. */
export function snappy(size: number, elements: readonly Uint8Array[]): Uint8Array {
  // Its size is a number without a sign.
  const named: number[] = [];
  for (let rest = size;; rest = Math.floor(rest / 128)) {
    named.push(rest % 128 + (rest >= 128 ? 128 : 0));
    if (rest < 128) break;
  }
  return concat([Uint8Array.from(named), ...elements]);
}

/** Bytes as they are, in a snappy block. */
export function literal(bytes: Uint8Array): Uint8Array {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, bytes.length - 1, true);
  return concat([Uint8Array.of(63 << 2), size, bytes]);
}

/** Repeats 1 to 64 bytes, in a snappy block. */
export function copy(distance: number, length: number): Uint8Array {
  return Uint8Array.of((length - 1) << 2 | 2, distance & 0xff, distance >> 8);
}

/** A snappy stream of Java. */
export function javaSnappy(blocks: readonly Uint8Array[]): Uint8Array {
  const header = Uint8Array.of(
    0x82,
    ...new TextEncoder().encode("SNAPPY"),
    0,
    0,
    0,
    0,
    1,
    0,
    0,
    0,
    1,
  );
  const sized = blocks.map((block) => {
    const size = new Uint8Array(4);
    new DataView(size.buffer).setInt32(0, block.length);
    return concat([size, block]);
  });
  return concat([header, ...sized]);
}

/** A block of an LZ4 frame: packed, or plain. */
export type Lz4Block = { readonly packed: Uint8Array } | { readonly plain: Uint8Array };

/** An LZ4 frame of blocks of 64 KiB at most. */
export function lz4Frame(
  blocks: readonly Lz4Block[],
  { flags = 0b0110_0000 }: { readonly flags?: number } = {},
): Uint8Array {
  const sized = blocks.map((block) => {
    const bytes = "packed" in block ? block.packed : block.plain;
    const size = new Uint8Array(4);
    new DataView(size.buffer).setUint32(0, bytes.length + ("plain" in block ? 2 ** 31 : 0), true);
    return concat([size, bytes, new Uint8Array((flags & 0b1_0000) === 0 ? 0 : 4)]);
  });
  const header = Uint8Array.of(4, 0x22, 0x4d, 0x18, flags, 0x40);
  const contentSize = new Uint8Array((flags & 0b1000) === 0 ? 0 : 8);
  // The checksum of these flags; Java looks at it, the others are not given to Java.
  const checksum = Uint8Array.of(flags === 0b0110_0000 ? 0x82 : 0);
  return concat([header, contentSize, checksum, ...sized, new Uint8Array(4)]);
}

/** A sequence of an LZ4 block: bytes as they are, then a repetition of 19 bytes or more. */
export function lz4Sequence(literals: string, distance: number, length: number): Uint8Array {
  const bytes = new TextEncoder().encode(literals);
  const more: number[] = [];
  let rest = length - 4 - 15;
  for (; rest >= 255; rest -= 255) more.push(255);
  return Uint8Array.of(
    bytes.length << 4 | 15,
    ...bytes,
    distance & 0xff,
    distance >> 8,
    ...more,
    rest,
  );
}

function blocksOf(bytes: Uint8Array): Uint8Array[] {
  const count = Math.ceil(bytes.length / 65_536);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * 65_536, (i + 1) * 65_536));
}

/** The bytes of a record whose value is so many zeros. */
export function zeros(length: number): Uint8Array {
  const value = varint(length);
  const size = varint(5 + value.length + length);
  return concat([
    Uint8Array.of(...size, 0, 0, 0, 1, ...value),
    new Uint8Array(length),
    Uint8Array.of(0),
  ]);
}
