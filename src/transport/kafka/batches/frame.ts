// Where a batch begins and ends, and what its header says.
// See https://kafka.apache.org/documentation/#recordbatch
import type { BatchHeader } from "./batch.ts";

/** Bytes before the part that the length counts: base offset and length. */
export const PREFIX_BYTES = 12;
/** A header up to its first record. */
export const HEADER_BYTES = 61;
/** Where the bytes begin that the checksum is over. */
export const CHECKED_FROM = 21;
/** The smallest message of Kafka before 0.11, without its prefix. */
const OLD_MESSAGE_BYTES = 14;
const MAGIC_AT = 16;

/** The bytes of one batch among those of a fetch. */
export type Frame =
  | { readonly kind: "batch"; readonly end: number; readonly header: BatchHeader }
  /** A message set of Kafka before 0.11: `lastOffset` is that of its last message. */
  | {
    readonly kind: "old";
    readonly end: number;
    readonly lastOffset: bigint;
    readonly reason: string;
  }
  /** A fetch ends wherever its most bytes are reached. */
  | { readonly kind: "partial"; readonly reason: string }
  /** The header can't be right, so its length isn't believed either. */
  | { readonly kind: "broken"; readonly reason: string };

/** Reads the header of the batch that begins there, among all bytes of a partition in a fetch. */
export function readFrame(view: DataView, at: number): Frame {
  const left = view.byteLength - at;
  if (left <= MAGIC_AT) return { kind: "partial", reason: `${left} bytes are no whole header` };
  const baseOffset = view.getBigInt64(at);
  const length = view.getInt32(at + 8);
  const magic = view.getInt8(at + MAGIC_AT);
  if (baseOffset < 0n) return { kind: "broken", reason: `its offset is ${baseOffset}` };
  if (magic < 0 || magic > 2) {
    return { kind: "broken", reason: `its format (magic ${magic}) is not known` };
  }
  const least = magic === 2 ? HEADER_BYTES - PREFIX_BYTES : OLD_MESSAGE_BYTES;
  if (length < least) return { kind: "broken", reason: `its length is ${length}` };
  const end = at + PREFIX_BYTES + length;
  if (end > view.byteLength) {
    return { kind: "partial", reason: `its length is ${length}, ${left - PREFIX_BYTES} are there` };
  }
  if (magic < 2) {
    // These formats have no headers, so no request or reply was ever written in them.
    const reason = `its format (magic ${magic}) is of Kafka before 0.11, and has no headers`;
    return { kind: "old", end, lastOffset: baseOffset, reason };
  }
  const lastOffsetDelta = view.getInt32(at + 23);
  if (lastOffsetDelta < 0) {
    return { kind: "broken", reason: `its last offset is ${lastOffsetDelta} from its first` };
  }
  return { kind: "batch", end, header: readHeader(view, at, baseOffset, lastOffsetDelta) };
}

/**
 * Cuts what a fetch gave for a partition into its batches, without decoding them. What is behind the
 * last whole one belongs to it, unless it can't be one.
 *
 * @param from The offset that was asked for.
 * @returns The batches, and where reading goes on after all of them: `from` where there is none.
 */
export function cutIntoBatches(
  bytes: Uint8Array,
  from: bigint,
): { readonly batches: readonly Uint8Array[]; readonly end: bigint } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts: number[] = [];
  let end = from;
  for (let at = 0; at < bytes.length;) {
    const frame = readFrame(view, at);
    if (frame.kind !== "partial" || at === 0) starts.push(at);
    if (frame.kind === "partial" || frame.kind === "broken") break;
    const lastOffset = frame.kind === "batch" ? frame.header.lastOffset : frame.lastOffset;
    if (lastOffset >= end) end = lastOffset + 1n;
    at = frame.end;
  }
  return { batches: starts.map((at, index) => bytes.subarray(at, starts[index + 1])), end };
}

function readHeader(
  view: DataView,
  at: number,
  baseOffset: bigint,
  lastOffsetDelta: number,
): BatchHeader {
  const attributes = view.getInt16(at + 21);
  return {
    baseOffset,
    lastOffset: baseOffset + BigInt(lastOffsetDelta),
    count: view.getInt32(at + 57),
    codec: attributes & 0b111,
    logAppendTime: (attributes & 0b1000) !== 0,
    control: (attributes & 0b10_0000) !== 0,
    baseTimestamp: Number(view.getBigInt64(at + 27)),
    maxTimestamp: Number(view.getBigInt64(at + 35)),
  };
}

export function namedChecksum(batch: Uint8Array): number {
  return new DataView(batch.buffer, batch.byteOffset).getUint32(17);
}
