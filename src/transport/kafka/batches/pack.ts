// Packs the records of a batch, by the runtime's own library.
//
// Not snappy and LZ4: node:zlib has neither, and those of npm are native, or hold the event loop.
// See https://kafka.apache.org/documentation/#recordbatch
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import type { Compression } from "../../connection_options.ts";

/**
 * Records of fewer bytes are sent as they are. By `bench/sections/compression.ts`: a request of
 * 1 300 bytes takes 60 µs more to encode and 40 µs more to decode, for 500 bytes less; one of 260
 * bytes would save some 60 bytes, for nearly the same time.
 */
const PACK_FROM_BYTES = 1_024;
/** The fastest level: packing holds the event loop, by 6 ms for 900 kB of JSON. */
const LEVEL = 1;

const CODECS = {
  gzip: { attribute: 1, pack: (bytes: Uint8Array) => gzipSync(bytes, { level: LEVEL }) },
  zstd: {
    attribute: 4,
    pack: (bytes: Uint8Array) =>
      zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } }),
  },
};

/** Records as they are sent, and the codec in the attributes of their batch. */
export interface PackedRecords {
  readonly attribute: number;
  readonly bytes: Uint8Array;
}

/** Packs records; undefined where that does not pay. */
export function pack(records: Uint8Array, compression: Compression): PackedRecords | undefined {
  if (compression === "none" || records.length < PACK_FROM_BYTES) return undefined;
  const { attribute, pack } = CODECS[compression];
  const bytes = pack(records);
  return bytes.length < records.length ? { attribute, bytes } : undefined;
}
