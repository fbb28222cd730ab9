/**
 * Batches with something wrong in them, and a checksum that is right. The same seed gives the same
 * ones.
 *
 * @module
 */
import { CODEC, PACK, zeros } from "../packed.ts";
import { batch, concat, record, type WrittenRecord } from "../written.ts";

/** A batch to try. */
export interface Mutant {
  /** Its bytes. */
  readonly bytes: Uint8Array;
  /** Whether it is compressed: every second one is. */
  readonly packed: boolean;
}

const CODECS = Object.keys(CODEC) as (keyof typeof CODEC)[];
/** One of so many batches is large. */
const LARGE_ONE_OF = 100;
/** Rather more bytes than a broker takes in a batch by default. */
const MAX_BYTES = 1_000_000;

/** Numbers that follow each other by a seed (mulberry32). */
export function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = state + 0x6d2b_79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return Math.floor(((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32 * below);
  };
}

/** Batches without end. */
export function* mutants(seed: number): Generator<Mutant, never, void> {
  const random = chance(seed);
  for (let index = 0;; index++) {
    const packed = index % 2 === 1;
    const records = random(LARGE_ONE_OF) === 0 ? largeRecords(random) : smallRecords(random);
    const body = random(3) === 0 ? concat(records) : damaged(concat(records), random);
    const codec = CODECS[random(CODECS.length)]!;
    const packedBody = packed ? PACK[codec](body) : body;
    const bytes = batch(packed && random(4) === 0 ? damaged(packedBody, random) : packedBody, {
      attributes: (packed ? CODEC[codec] : 0) | (random(50) === 0 ? 0b1000 : 0),
      count: random(20) === 0 ? random(2 ** 31) : records.length,
      lastOffsetDelta: records.length - 1,
      // A broker refuses what lies in the future.
      baseTimestamp: BigInt(random(1_700_000_000)) * 1_000n,
    });
    if (bytes.length < MAX_BYTES) yield { bytes, packed };
  }
}

/** Changes one to three bytes, takes some away, or puts some in. */
function damaged(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const copy = bytes.slice();
  for (let left = 1 + random(3); left > 0; left--) {
    // Lengths and counts are at the beginning.
    const at = random(random(2) === 0 ? Math.min(copy.length, 40) : copy.length);
    copy[at] = random(2) === 0 ? random(256) : copy[at]! ^ 1 << random(8);
  }
  const at = random(copy.length);
  const others = Uint8Array.from({ length: random(9) }, () => random(256));
  if (random(8) === 0) return concat([copy.subarray(0, at), copy.subarray(at + random(9))]);
  if (random(8) === 0) return concat([copy.subarray(0, at), others, copy.subarray(at)]);
  return copy;
}

function smallRecords(random: (below: number) => number): Uint8Array[] {
  const bytes = (most: number) => Uint8Array.from({ length: random(most) }, () => random(256));
  return Array.from({ length: 1 + random(8) }, (_, offsetDelta) =>
    record({
      offsetDelta,
      timestampDelta: random(10) === 0 ? -random(2 ** 31) : random(100),
      key: random(3) === 0 ? null : bytes(40),
      value: random(5) === 0 ? null : bytes(random(10) === 0 ? 2_000 : 60),
      headers: Array.from({ length: random(6) }, (_, place): NonNullable<
        WrittenRecord["headers"]
      >[number] => [
        random(9) === 0 ? bytes(9) : `header-${place}`,
        random(9) === 0 ? null : bytes(20),
      ]),
    }));
}

function largeRecords(random: (below: number) => number): Uint8Array[] {
  const count = 1 + random(20_000);
  if (random(3) === 0) {
    return Array.from({ length: count }, (_, offsetDelta) => record({ offsetDelta }));
  }
  if (random(2) === 0) return [zeros(count * 500)];
  return [record({ headers: new Array(count).fill(["n", "v"]) })];
}
