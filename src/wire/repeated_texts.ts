// Texts that are the same from record to record, such as names of headers and their values.

/** Longer ones are decoded each time, so that little is kept. */
const MAX_BYTES = 64;

interface Known {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * Decodes texts, each at its place. What stood there last is compared first: that takes a fifth of
 * the time, and the records of thousands of calls share one text.
 */
export class RepeatedTexts<Place extends string | number> {
  readonly #last = new Map<Place, Known>();
  readonly #decode: (bytes: Uint8Array) => string | undefined;
  readonly #isKept: (place: Place) => boolean;

  /** `isKept`: at which places texts repeat. They must be few. */
  constructor(
    decode: (bytes: Uint8Array) => string | undefined,
    isKept: (place: Place) => boolean,
  ) {
    this.#decode = decode;
    this.#isKept = isKept;
  }

  /** The text of the bytes from there to there; undefined where the decoder finds none. */
  at(place: Place, source: Uint8Array, from = 0, to = source.length): string | undefined {
    const last = this.#last.get(place);
    if (last !== undefined && isSame(last.bytes, source, from, to)) return last.text;
    const text = this.#decode(source.subarray(from, to));
    if (text !== undefined && to - from <= MAX_BYTES && this.#isKept(place)) {
      // A copy: what was read is a view of the bytes of many records.
      this.#last.set(place, { bytes: source.slice(from, to), text });
    }
    return text;
  }
}

function isSame(known: Uint8Array, source: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== source[from + i]) return false;
  return true;
}
