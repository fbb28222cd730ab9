// What decoding of record batches gives.
import type { PassedRecords } from "../../transport.ts";

export interface BatchRecord {
  readonly offset: bigint;
  /** Unix milliseconds: the producer's, or the broker's where the topic has `LogAppendTime`. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  /** Null for a tombstone. */
  readonly value: Uint8Array | null;
  /** Of a repeated name the last value; one without a value says no more than one that is not there. */
  readonly headers: ReadonlyMap<string, Uint8Array>;
}

export interface BatchHeader {
  /** Offset of the first record that the batch was written with; compaction may have removed it. */
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  /** How many records it holds, by its own word. */
  readonly count: number;
  /** Number of the compression codec; 0 for none. */
  readonly codec: number;
  /** Whether it holds markers of transactions and not records. */
  readonly control: boolean;
  /** Whether the broker has set the timestamps, all of them to `maxTimestamp`. */
  readonly logAppendTime: boolean;
  /** Unix milliseconds that the timestamps of the records are added to. */
  readonly baseTimestamp: number;
  /** Unix milliseconds of the youngest record. */
  readonly maxTimestamp: number;
}

/**
 * A step through the batches: all records of a small batch, or some of a large one.
 *
 * Two steps of one batch may differ in kind: the records before a damaged one are
 * delivered, what follows is passed by.
 */
export interface BatchPart {
  /** The batch; undefined where its header can't be believed, or is of an old format. */
  readonly batch: BatchHeader | undefined;
  /** Its next records, in order, none below the offset asked for. Empty for a control batch. */
  readonly records: readonly BatchRecord[];
  /**
   * Offset that reading goes on at after these records: always above the one before.
   * Undefined where the end of what can't be read is not known. Nothing follows then, and a fetch
   * of the same offset would meet the same bytes: how often to ask again before going on at the
   * offset after it is for the caller to decide.
   */
  readonly nextOffset: bigint | undefined;
  /** Set where something was passed by instead of delivered. */
  readonly unreadable: Pick<PassedRecords, "reason" | "fromOffset" | "lastOffset"> | undefined;
}

/** Why a batch can't be read. It ends that batch, never the decoding. */
export class UnreadableBatch extends Error {
  override readonly name = "UnreadableBatch";
}

/** The bytes that may still be unpacked of one batch. */
export class Budget {
  readonly #maxBytes: number;
  #left: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#left = maxBytes;
  }

  /** Counts bytes: before memory is reserved for them wherever their number is known by then. */
  take(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw tooLarge(this.#maxBytes);
  }
}

/** The fault of a batch that goes beyond it. */
export function tooLarge(maxBytes: number): UnreadableBatch {
  return new UnreadableBatch(`it unpacks to more than ${maxBytes} bytes`);
}
