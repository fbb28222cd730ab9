/**
 * Unpacks the records of a batch, by its codec.
 *
 * @module
 */
import { type BatchHeader, UnreadableBatch } from "./batch.ts";

/** Unpacked bytes. */
export interface Piece {
  /** Next to those of the piece before. */
  readonly bytes: Uint8Array;
  /** Whether they are part of the batch itself. */
  readonly borrowed: boolean;
}

/**
 * Unpacks records.
 *
 * @param bytes The bytes behind the header of the batch.
 * @param options The batch.
 * @returns The bytes of the records, in pieces.
 */
export function unpack(
  bytes: Uint8Array,
  { batch }: { readonly batch: BatchHeader },
): Iterable<Piece> | AsyncIterable<Piece> {
  if (batch.codec === 0) return [{ bytes, borrowed: true }];
  throw new UnreadableBatch(`its codec (${batch.codec}) is not known`);
}
