// A Kafka record as this package sees it, whatever client carries it.

/** A record to produce. */
export interface OutgoingRecord {
  /** Topic to produce to. */
  readonly topic: string;
  /** Partition to produce to; the partitioner of the key decides where it is not given. */
  readonly partition?: number | undefined;
  /** Key: the correlation id, or whatever key the request had. */
  readonly key: Uint8Array | null;
  /** Value: the encoded input or output. In its `buffer`, as in that of the key, may be others too. */
  readonly value: Uint8Array | null;
  /** Headers; this package writes printable text only, and passes others' bytes on as they are. */
  readonly headers: Readonly<Record<string, string | Uint8Array>>;
  /** Called once it is acknowledged, with its place and itself as it was sent, by transports that know it. */
  readonly onPlaced?:
    | ((place: { partition: number; offset: bigint }, sent: OutgoingRecord) => void)
    | undefined;
}

/** A record as it was read. */
export interface IncomingRecord {
  /** Topic it was read from. */
  readonly topic: string;
  /** Partition it was read from. */
  readonly partition: number;
  /** Its place in the partition. */
  readonly offset: bigint;
  /** Unix milliseconds, set by the producer or the broker as the topic is configured. */
  readonly timestamp: number;
  /** `LogAppendTime`: the broker set it, by its own clock. Default: `CreateTime`, the producer's. */
  readonly timestampType?: "CreateTime" | "LogAppendTime" | undefined;
  /** Key as bytes, null where there is none. */
  readonly key: Uint8Array | null;
  /** Value as bytes, null for a tombstone. */
  readonly value: Uint8Array | null;
  /** Headers as bytes; of a repeated name the last one counts. */
  readonly headers: ReadonlyMap<string, Uint8Array>;
}

/**
 * How many bytes of the broker's `max.message.bytes` a record takes, within a few bytes: key, value
 * and headers, and the framing of each.
 *
 * @see https://kafka.apache.org/documentation/#record
 */
export function recordBytes(record: OutgoingRecord): number {
  let bytes = 32 + (record.key?.byteLength ?? 0) +
    (record.value?.byteLength ?? 0);
  // Not by entries, which would make an array for each header: 840 bytes a call.
  for (const name of Object.keys(record.headers)) {
    const value = record.headers[name]!;
    // At most three bytes of UTF-8 for a UTF-16 unit: an upper bound that needs no encoding.
    const size = typeof value === "string" ? 3 * value.length : value.byteLength;
    bytes += 10 + name.length + size;
  }
  return bytes;
}
