// Record batches as a version of Produce takes them.
import { encodeBatch } from "./batches/encode.ts";
import { ConnectionFailed, type Requests } from "./port.ts";

/** The first version with zstd, of Kafka 2.1 (KIP-110). */
const ZSTD_FROM = 7;

/** Before that version a broker would answer UNKNOWN_SERVER_ERROR, as if it were out of order. */
export function encodeBatchFor(
  version: number,
  { records, timestamp, compression }: Requests["Produce"]["partitions"][number],
): Uint8Array<ArrayBuffer> {
  if (compression === "zstd" && version < ZSTD_FROM) {
    const text = "this broker takes `gzip` or `none` as `compression`; zstd came with Kafka 2.1";
    throw new ConnectionFailed("unsupported", text);
  }
  return encodeBatch(records, timestamp, compression);
}
