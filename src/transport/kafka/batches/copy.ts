// Copies of bytes, short ones mostly, as snappy and LZ4 make them. Their callers have
// checked that every byte lies inside.

/** Up to this length a loop is faster than a call of `set()` or `copyWithin()`. */
const SHORT = 64;

export function copyLiteral(
  output: Uint8Array,
  to: number,
  source: { readonly bytes: Uint8Array; readonly at: number; readonly length: number },
): void {
  const { bytes, at, length } = source;
  if (length > SHORT) return output.set(bytes.subarray(at, at + length), to);
  for (let i = 0; i < length; i++) output[to + i] = bytes[at + i]!;
}

/** Repeats bytes that were unpacked before: more than that distance, and they repeat themselves. */
export function repeat(
  output: Uint8Array,
  to: number,
  repetition: { readonly distance: number; readonly length: number },
): void {
  const { distance, length } = repetition;
  const from = to - distance;
  if (length <= SHORT) {
    for (let i = 0; i < length; i++) output[to + i] = output[from + i]!;
    return;
  }
  // What was copied is copied along the next time: few calls even for a million times one byte.
  for (let done = 0; done < length;) {
    const count = Math.min(distance + done, length - done);
    output.copyWithin(to + done, from, from + count);
    done += count;
  }
}
