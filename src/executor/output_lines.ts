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

/**
 * Cuts a stream of bytes into lines, and drops what is too long or too much: commands that flood
 * their output cost no memory and no log.
 */
export class OutputLines {
  readonly #log: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #line: number[] = [];
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

  /** Ends a command: its unfinished line is one of its own. */
  flush(): void {
    this.#look();
    if (this.#line.length > 0) this.#end();
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

  #end(): void {
    const text = this.#decoder.decode(new Uint8Array(this.#line));
    const cut = this.#cut ? "…" : "";
    this.#line = [];
    this.#cut = false;
    if (++this.#lines > MAX_LINES) this.#dropped += text.length;
    else this.#log(text + cut);
  }
}
