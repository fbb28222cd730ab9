// SHA-256 of a few bytes. A hash of node:crypto takes 4.2 µs to create and to read, whatever it
// hashes; each call has one on both sides. This takes 0.9 µs for 40 bytes.
// See https://csrc.nist.gov/pubs/fips/180-4/upd1/final

/** Most bytes: for more of them the platform's is faster. */
export const SHORT_BYTES = 512;

const BLOCK_BYTES = 64;
/** Behind the bytes: a bit that is set, and their number in 64 bits. */
const PADDING_BYTES = 9;
const ROUNDS = 64;

/** The first 32 bits of the fractional parts of the first primes' roots. */
function fractionsOfRoots(count: number, root: (prime: number) => number): Int32Array {
  const fractions = new Int32Array(count);
  const primes: number[] = [];
  for (let number = 2; primes.length < count; number++) {
    if (primes.some((prime) => number % prime === 0)) continue;
    fractions[primes.length] = root(number) % 1 * 2 ** 32 | 0;
    primes.push(number);
  }
  return fractions;
}

const START = fractionsOfRoots(8, Math.sqrt);
const ROUND = fractionsOfRoots(ROUNDS, Math.cbrt);
const state = new Int32Array(START.length);
const words = new Int32Array(ROUNDS);

/** Room for so many bytes and their padding. */
export function room(): Uint8Array {
  return new Uint8Array(
    Math.ceil((SHORT_BYTES + PADDING_BYTES) / BLOCK_BYTES) * BLOCK_BYTES,
  );
}

/**
 * Hashes the first bytes of a {@linkcode room}, at most {@linkcode SHORT_BYTES}, and writes behind
 * them. What it returns is the hash as 32-bit words, until the next call.
 */
export function shortSha256(bytes: Uint8Array, length: number): Int32Array {
  const end = Math.ceil((length + PADDING_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;
  bytes[length] = 0x80;
  bytes.fill(0, length + 1, end);
  const bits = 8 * length;
  bytes[end - 2] = bits >>> 8;
  bytes[end - 1] = bits;
  state.set(START);
  for (let at = 0; at < end; at += BLOCK_BYTES) mix(bytes, at);
  return state;
}

function mix(bytes: Uint8Array, from: number): void {
  for (let index = 0, at = from; index < 16; index++, at += 4) {
    words[index] = bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!;
  }
  for (let index = 16; index < ROUNDS; index++) {
    const x = words[index - 15]!;
    const y = words[index - 2]!;
    const small0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
    const small1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
    words[index] = words[index - 16]! + small0 + words[index - 7]! + small1;
  }
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
  let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
  for (let index = 0; index < ROUNDS; index++) {
    const large1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
    const choice = e & f ^ ~e & g;
    const first = h + large1 + choice + ROUND[index]! + words[index]! | 0;
    const large0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
    const majority = a & b ^ a & c ^ b & c;
    h = g;
    g = f;
    f = e;
    e = d + first | 0;
    d = c;
    c = b;
    b = a;
    a = first + (large0 + majority | 0) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}
