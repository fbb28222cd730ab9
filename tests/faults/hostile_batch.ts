/**
 * Batches of records that no producer would make, and their way to a broker.
 *
 * @module
 * @see https://kafka.apache.org/documentation/#recordbatch
 */
import { createGzip } from "node:zlib";

/** A piece of a batch: these bytes, or so many zeros. */
export type Piece = Uint8Array | number;

const CHUNK_BYTES = 1_000_000;
const CRC32C = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? byte >>> 1 ^ 0x82f63b78 : byte >>> 1;
  return byte;
});

/** A record of these parts, as the pieces of a batch. */
export function record(
  offset: number,
  { key, value, headers }: { key: string; value: Piece; headers: readonly [string, string][] },
): Piece[] {
  const text = (part: string) => new TextEncoder().encode(part);
  const sized = (part: Uint8Array) => [varint(part.length), part];
  const before = [
    Uint8Array.of(0),
    varint(0),
    varint(offset),
    ...sized(text(key)),
    varint(typeof value === "number" ? value : value.length),
  ];
  const after = [
    varint(headers.length),
    ...headers.flatMap(([name, value]) => [...sized(text(name)), ...sized(text(value))]),
  ];
  const pieces = [...before, value, ...after];
  const length = pieces.reduce<number>(
    (sum, piece) => sum + (typeof piece === "number" ? piece : piece.length),
    0,
  );
  return [varint(length), ...pieces];
}

/** A batch of so many records, compressed by gzip without ever being there as a whole. */
export async function gzipBatch(count: number, records: Iterable<Piece>): Promise<Uint8Array> {
  const gzip = createGzip();
  const chunks: Uint8Array[] = [];
  gzip.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  const ended = Promise.withResolvers<void>();
  gzip.on("end", ended.resolve);
  gzip.on("error", ended.reject);
  for (const bytes of gathered(records)) {
    if (!gzip.write(bytes)) await new Promise((resolve) => gzip.once("drain", resolve));
  }
  gzip.end();
  await ended.promise;
  return batchOf(count, new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer()));
}

/** The same bytes in few chunks: a write for each of a million pieces takes half a minute. */
function* gathered(pieces: Iterable<Piece>): Generator<Uint8Array> {
  let chunk = new Uint8Array(CHUNK_BYTES);
  let filled = 0;
  for (const piece of pieces) {
    const length = typeof piece === "number" ? piece : piece.length;
    for (let from = 0; from < length;) {
      const bytes = Math.min(length - from, chunk.length - filled);
      if (typeof piece !== "number") chunk.set(piece.subarray(from, from + bytes), filled);
      from += bytes;
      filled += bytes;
      if (filled < chunk.length) continue;
      yield chunk;
      chunk = new Uint8Array(CHUNK_BYTES);
      filled = 0;
    }
  }
  yield chunk.subarray(0, filled);
}

/** Sends a batch to the leader on this port; the broker's error code and the offset. */
export async function produceBatch(
  port: number,
  { topic, batch }: { topic: string; batch: Uint8Array },
): Promise<{ error: number; offset: number }> {
  const name = new TextEncoder().encode(topic);
  const request = bytesOf([
    [2, 0], // Produce
    [2, 7],
    [4, 1],
    [2, -1], // no client id
    [2, -1], // no transaction
    [2, -1], // all replicas
    [4, 30_000],
    [4, 1],
    [2, name.length],
    name,
    [4, 1],
    [4, 0],
    [4, batch.length],
    batch,
  ]);
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const writer = connection.writable.getWriter();
  await writer.write(bytesOf([[4, request.length], request]));
  writer.releaseLock();
  const answer = new Uint8Array(4 + 4 + 4 + 2 + name.length + 4 + 4 + 2 + 8);
  for (let read = 0; read < answer.length;) {
    const count = await connection.read(answer.subarray(read));
    if (count === null) throw new Error("The broker closed the connection.");
    read += count;
  }
  const view = new DataView(answer.buffer, 4 + 4 + 4 + 2 + name.length + 4 + 4);
  return { error: view.getInt16(0), offset: Number(view.getBigInt64(2)) };
}

function batchOf(count: number, records: Uint8Array): Uint8Array {
  const body = bytesOf([
    [2, 1], // gzip
    [4, count - 1],
    [8, Date.now()],
    [8, Date.now()],
    [8, -1],
    [2, -1],
    [4, -1],
    [4, count],
    records,
  ]);
  const crc = body.reduce((sum, byte) => CRC32C[(sum ^ byte) & 255]! ^ sum >>> 8, 0xffffffff);
  return bytesOf([[8, 0], [4, 4 + 1 + 4 + body.length], [4, -1], [1, 2], [4, ~crc], body]);
}

/** Whole numbers, each with its size, and bytes, one behind the other. */
function bytesOf(parts: readonly (readonly [size: number, value: number] | Uint8Array)[]) {
  const size = parts.reduce((sum, part) => sum + (isBytes(part) ? part.length : part[0]), 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of parts) {
    if (isBytes(part)) bytes.set(part, at);
    else if (part[0] === 1) view.setInt8(at, part[1]);
    else if (part[0] === 2) view.setInt16(at, part[1]);
    else if (part[0] === 4) view.setInt32(at, part[1]);
    else view.setBigInt64(at, BigInt(part[1]));
    at += isBytes(part) ? part.length : part[0];
  }
  return bytes;
}

function isBytes(part: unknown): part is Uint8Array {
  return part instanceof Uint8Array;
}

/** A signed number in zigzag, seven bits a byte. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value) << 1n ^ BigInt(value) >> 63n);
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  bytes.push(Number(left));
  return Uint8Array.from(bytes);
}
