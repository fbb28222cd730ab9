/**
 * What commands print, as log lines.
 *
 * @module
 */

/** Longest line that is kept, in bytes; the rest of it is dropped. */
const MAX_LINE_BYTES = 1_024;
/** Lines that are logged in a second, whatever number of commands they are of. */
const MAX_LINES = 100;
const SECOND_MS = 1_000;
const NEWLINE = 0x0a;
/** So much of the latest output tells why a process ended, whether it was logged or not. */
const TAIL_BYTES = 4_096;

/** How many lines may still be logged in this second, by all sandboxes that share it. */
export class LineBudget {
  #secondBegan = -Infinity;
  #left = 0;

  /** Whether there is none left. */
  get empty(): boolean {
    const now = performance.now();
    if (now - this.#secondBegan >= SECOND_MS) {
      this.#secondBegan = now;
      this.#left = MAX_LINES;
    }
    return this.#left === 0;
  }

  /** Takes one; false where there is none left. */
  take(): boolean {
    if (this.empty) return false;
    this.#left--;
    return true;
  }
}

/**
 * Cuts a stream of bytes into lines, and drops what is too long or too much: commands that flood
 * their output cost no memory and no log.
 */
export class OutputLines {
  readonly #log: (line: string) => void;
  readonly #budget: LineBudget;
  readonly #decoder = new TextDecoder();
  readonly #line = new Uint8Array(MAX_LINE_BYTES);
  #length = 0;
  #cut = false;
  #dropped = 0;
  #tail: Uint8Array = new Uint8Array(0);

  /**
   * Creates it.
   *
   * @param log Called with each line that is kept.
   * @param budget How many lines are kept.
   */
  constructor(log: (line: string) => void, budget: LineBudget) {
    this.#log = log;
    this.#budget = budget;
  }

  /** The latest output of the command, dropped or not. */
  get tail(): string {
    return this.#decoder.decode(this.#tail);
  }

  /** Takes bytes as they come. */
  write(chunk: Uint8Array): void {
    this.#keepTail(chunk);
    // What is dropped anyway is not looked at; the line that it began in ends with it.
    if (this.#budget.empty) {
      this.#dropped += this.#length + chunk.byteLength;
      this.#length = 0;
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
    if (this.#length > 0) this.#end();
    this.#tail = new Uint8Array(0);
  }

  /** Ends the stream: what is unfinished, and what was dropped, is told. */
  close(): void {
    this.flush();
    this.#tellDropped();
  }

  #keepTail(chunk: Uint8Array): void {
    const room = TAIL_BYTES - Math.min(chunk.length, TAIL_BYTES);
    const before = this.#tail.subarray(Math.max(0, this.#tail.length - room));
    const tail = new Uint8Array(before.length + Math.min(chunk.length, TAIL_BYTES));
    tail.set(before);
    tail.set(chunk.subarray(Math.max(0, chunk.length - TAIL_BYTES)), before.length);
    this.#tail = tail;
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
    if (this.#budget.take()) {
      this.#tellDropped();
      this.#log(text + cut);
    } else {
      this.#dropped += text.length;
    }
  }

  #tellDropped(): void {
    if (this.#dropped > 0) this.#log(`… ${this.#dropped} more bytes were dropped`);
    this.#dropped = 0;
  }
}
