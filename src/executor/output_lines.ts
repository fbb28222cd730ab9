/**
 * What commands print, as log lines.
 *
 * @module
 */

/** Longest line that is kept, in bytes; the rest of it is dropped. */
const MAX_LINE_BYTES = 1_024;
/** Lines of one sandbox that are logged in a second, whatever number of commands they are of. */
const MAX_LINES = 100;
const SECOND_MS = 1_000;
const NEWLINE = 0x0a;

/**
 * Cuts a stream of bytes into lines, and drops what is too long or too much: commands that flood
 * their output cost no memory and no log.
 */
export class OutputLines {
  readonly #log: (line: string) => void;
  readonly #decoder = new TextDecoder();
  readonly #line = new Uint8Array(MAX_LINE_BYTES);
  #length = 0;
  #cut = false;
  #secondBegan = -Infinity;
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
    this.#look();
    // What is dropped anyway is not looked at.
    if (this.#lines >= MAX_LINES) {
      this.#dropped += chunk.byteLength;
      return;
    }
    for (let at = 0; at < chunk.length;) {
      const newline = chunk.indexOf(NEWLINE, at);
      const end = newline === -1 ? chunk.length : newline;
      this.#keep(chunk.subarray(at, end));
      if (newline !== -1) this.#end();
      at = end + 1;
    }
  }

  /** Ends a command: its unfinished line is one of its own. */
  flush(): void {
    this.#look();
    if (this.#length > 0) this.#end();
  }

  /** Ends the stream: what is unfinished, and what was dropped, is told. */
  close(): void {
    this.flush();
    this.#tellDropped();
  }

  /** With each second there is room for lines again, the first of which tells what had none. */
  #look(): void {
    const now = performance.now();
    if (now - this.#secondBegan < SECOND_MS) return;
    this.#secondBegan = now;
    this.#lines = 0;
    this.#tellDropped();
  }

  #tellDropped(): void {
    if (this.#dropped > 0) this.#log(`… ${this.#dropped} more bytes were dropped`);
    this.#dropped = 0;
  }

  /** Adds to the line; what it has no room for is not even copied. */
  #keep(bytes: Uint8Array): void {
    const kept = bytes.subarray(0, MAX_LINE_BYTES - this.#length);
    this.#line.set(kept, this.#length);
    this.#length += kept.length;
    this.#cut ||= kept.length < bytes.length;
  }

  #end(): void {
    const text = this.#decoder.decode(this.#line.subarray(0, this.#length));
    const cut = this.#cut ? "…" : "";
    this.#length = 0;
    this.#cut = false;
    if (++this.#lines > MAX_LINES) this.#dropped += text.length;
    else this.#log(text + cut);
  }
}
