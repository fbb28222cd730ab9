// The request that carries records. No library encodes it: one would build the batches, which are
// made here, the other one copies each batch once more for each level of the request.
// See https://kafka.apache.org/protocol#The_Messages_Produce
import { encodeBatch } from "./batches/encode.ts";
import { byTopic } from "./by_topic.ts";
import { ByteWriter } from "./byte_writer.ts";
import { ConnectionFailed, type Requests } from "./port.ts";

/** Length of a text that is null. */
const NO_TRANSACTION = -1;
/** A record is acknowledged when every replica in sync has it. */
const ALL_REPLICAS = -1;
/** Of each partition: its number, and the length of its batch. */
const PARTITION_BYTES = 8;
/** The first version with zstd, of Kafka 2.1 (KIP-110). */
const ZSTD_FROM = 7;

/** Encodes it, in any of the versions 3 to 7. */
export function encodeProduce(
  { timeoutMs, partitions }: Requests["Produce"],
  version: number,
): Uint8Array {
  let size = 0;
  const topics = byTopic(partitions, (produced) => {
    const batch = encodeBatchFor(version, produced);
    size += PARTITION_BYTES + batch.byteLength;
    return { partition: produced.partition, batch };
  });
  const writer = new ByteWriter(size).int16(NO_TRANSACTION).int16(ALL_REPLICAS).int32(timeoutMs);
  writer.array(topics, ({ topic, partitions }) => {
    writer.string(topic);
    writer.array(partitions, ({ partition, batch }) => writer.int32(partition).bytes(batch));
  });
  return writer.written;
}

/** Before that version a broker would answer UNKNOWN_SERVER_ERROR, as if it were out of order. */
function encodeBatchFor(
  version: number,
  { records, timestamp, compression }: Requests["Produce"]["partitions"][number],
): Uint8Array {
  if (compression === "zstd" && version < ZSTD_FROM) {
    const text = "this broker takes `gzip` or `none` as `compression`; zstd came with Kafka 2.1";
    throw new ConnectionFailed("unsupported", text);
  }
  return encodeBatch(records, timestamp, compression);
}
