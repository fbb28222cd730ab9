// Names of headers as text. The records of a topic mostly have the same names at the
// same places: comparing bytes is five times faster than decoding them again.

/** Places and lengths beyond these are decoded each time, so that little is kept. */
const MAX_PLACES = 32;
const MAX_BYTES = 64;

interface Known {
  readonly bytes: Uint8Array;
  readonly text: string;
}

export class HeaderNames {
  readonly #known: Known[] = [];
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  /**
   * Decodes the name that begins and ends there, of the header at that place of its record; bytes
   * that are no UTF-8 become U+FFFD.
   */
  decode(
    source: Uint8Array,
    at: { readonly from: number; readonly to: number; readonly place: number },
  ): string {
    const { from, to, place } = at;
    const known = this.#known[place];
    if (known !== undefined && same(known.bytes, source, from, to)) return known.text;
    const text = this.#decoder.decode(
      new Uint8Array(source.buffer, source.byteOffset + from, to - from),
    );
    if (place < MAX_PLACES && to - from <= MAX_BYTES) {
      this.#known[place] = { bytes: source.slice(from, to), text };
    }
    return text;
  }
}

function same(known: Uint8Array, source: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== source[from + i]) return false;
  return true;
}
