/**
 * What commands print, as log lines.
 *
 * @module
 */

/** Longest line that is kept, in bytes; the rest of it is dropped. */
const MAX_LINE_BYTES = 1_024;
/** Lines that one command may have logged; the rest is counted. */
const MAX_LINES = 100;

/**
 * Cuts a stream of bytes into lines, and drops what is too long or too much: a
 * command that floods its output costs no memory and no log.
 */
export class OutputLines {
  readonly #log: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #line: number[] = [];
  #cut = false;
  #lines = 0;
  #dropped = 0;

  /**
   * Creates it.
   *
   * @param log Called with each line that is kept.
   */
  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /** Takes bytes as they come. */
  write(chunk: Uint8Array): void {
    // What is dropped anyway is not looked at byte by byte.
    if (this.#lines >= MAX_LINES) {
      this.#dropped += chunk.byteLength;
      return;
    }
    for (const byte of chunk) {
      if (byte === 0x0a) this.#end();
      else if (this.#line.length < MAX_LINE_BYTES) this.#line.push(byte);
      else this.#cut = true;
    }
  }

  /** Ends a command: its unfinished line is logged, its flood is counted, the next one starts anew. */
  flush(): void {
    if (this.#line.length > 0) this.#end();
    if (this.#dropped > 0) this.#log(`… ${this.#dropped} more bytes were dropped`);
    this.#lines = 0;
    this.#dropped = 0;
  }

  #end(): void {
    const text = this.#decoder.decode(new Uint8Array(this.#line));
    const cut = this.#cut ? "…" : "";
    this.#line = [];
    this.#cut = false;
    if (++this.#lines > MAX_LINES) this.#dropped += text.length;
    else this.#log(text + cut);
  }
}
