/** What decoding of record batches gives. @module */

/** A record of a batch. */
export interface BatchRecord {
  /** Its place in the partition. */
  readonly offset: bigint;
  /** Unix milliseconds: the producer's, or the broker's where the topic has `LogAppendTime`. */
  readonly timestamp: number;
  /** Key, null where there is none. */
  readonly key: Uint8Array | null;
  /** Value, null for a tombstone. */
  readonly value: Uint8Array | null;
  /** Names and values in the order of the record; a name may come several times. */
  readonly headers: readonly (readonly [name: string, value: Uint8Array | null])[];
}

/** What the header of a batch says. */
export interface BatchHeader {
  /** Offset of the first record that the batch was written with; compaction may have removed it. */
  readonly baseOffset: bigint;
  /** Offset of the last one. */
  readonly lastOffset: bigint;
  /** How many records it holds, by its own word. */
  readonly count: number;
  /** Number of the compression codec; 0 for none. */
  readonly codec: number;
  /** Whether it holds markers of transactions and not records. */
  readonly control: boolean;
  /** Whether it belongs to a transaction, which may be open, committed or aborted. */
  readonly transactional: boolean;
  /** Whether the broker has set the timestamps, all of them to `maxTimestamp`. */
  readonly logAppendTime: boolean;
  /** Unix milliseconds that the timestamps of the records are added to. */
  readonly baseTimestamp: number;
  /** Unix milliseconds of the youngest record. */
  readonly maxTimestamp: number;
  /** Id of an idempotent or transactional producer, else −1. */
  readonly producerId: bigint;
}

/** Offsets that are passed by, because what stands there can't be read. */
export interface Unreadable {
  /** Why, for the log. */
  readonly reason: string;
  /** First offset that is passed by. */
  readonly fromOffset: bigint;
  /** Last one; undefined where no end is known. */
  readonly lastOffset: bigint | undefined;
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
  readonly unreadable: Unreadable | undefined;
}

/** Why a batch can't be read. It ends that batch, never the decoding. */
export class UnreadableBatch extends Error {
  override readonly name = "UnreadableBatch";
}
