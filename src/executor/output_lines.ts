// What commands print, as log lines.

/** Longest line that is kept, in bytes; the rest of it is dropped. */
const MAX_LINE_BYTES = 1_024;
/** Lines that are logged in a second, whatever number of commands they are of. */
const MAX_LINES = 200;
/** The part of what is left of them that one sandbox may take. */
const SHARE = 1 / 3;
const SECOND_MS = 1_000;
const NEWLINE = 0x0a;
/** So much of the latest output says why a process ended, whether it was logged or not. */
const TAIL_BYTES = 4_096;
/** How Deno reports an error that no command caught, and how the lines after it begin. */
const UNCAUGHT = /^error: Uncaught /;
const UNCAUGHT_GOES_ON = /^(?:\s|\^|error: Uncaught )/;
/** Lines of such a report that are kept. */
const MAX_REPORT_LINES = 12;

/**
 * How many lines may still be logged in this second, by all sandboxes that share it. Each may take
 * a third of what is left: one that floods its output leaves room for the others, and many that do
 * so leave some.
 */
export class LineBudget {
  #secondBegan = -Infinity;
  #left = 0;
  #taken = new WeakMap<object, number>();

  /** Whether a sandbox may log a line now. */
  has(sandbox: object): boolean {
    const now = performance.now();
    if (now - this.#secondBegan >= SECOND_MS) {
      this.#secondBegan = now;
      this.#left = MAX_LINES;
      this.#taken = new WeakMap();
    }
    return (this.#taken.get(sandbox) ?? 0) < this.#left * SHARE;
  }

  /** Takes a line for a sandbox; false where there is none for it. */
  reserve(sandbox: object): boolean {
    if (!this.has(sandbox)) return false;
    this.#left--;
    this.#taken.set(sandbox, (this.#taken.get(sandbox) ?? 0) + 1);
    return true;
  }
}

/**
 * Cuts a stream of bytes into lines, and drops what is too long or too much: commands that flood
 * their output cost no memory and no log.
 */
export class OutputLines {
  readonly #log: (line: string, isEarlier: boolean) => void;
  readonly #budget: LineBudget;
  readonly #decoder = new TextDecoder();
  readonly #line = new Uint8Array(MAX_LINE_BYTES);
  #length = 0;
  #cut = false;
  #dropped = 0;
  /** Whether a command that has ended since printed some of what was dropped. */
  #isEarlier = false;
  #tail: Uint8Array = new Uint8Array(0);
  #report: string[] = [];

  /** `isEarlier`: the line is not about the command that runs. */
  constructor(log: (line: string, isEarlier: boolean) => void, budget: LineBudget) {
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
    if (!this.#budget.has(this)) {
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
    this.#endReport();
    this.#tail = new Uint8Array(0);
    this.#isEarlier = this.#dropped > 0;
  }

  /**
   * Ends the stream: what is unfinished, and how much was dropped, is logged. The report of an
   * uncaught error that it ended with is not logged, but given.
   */
  close(): string | undefined {
    if (this.#length > 0) this.#end();
    const report = this.#report.splice(0);
    this.#logDropped();
    this.flush();
    return report.length === 0 ? undefined : report.join("\n");
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
    if (this.#goesOn(text)) {
      if (this.#report.length < MAX_REPORT_LINES) this.#report.push(text + cut);
      return;
    }
    this.#endReport();
    if (UNCAUGHT.test(text)) this.#report.push(text + cut);
    else this.#keepLine(text + cut);
  }

  /** Whether a line belongs to the report of an uncaught error, which is one entry of the log. */
  #goesOn(text: string): boolean {
    if (this.#report.length === 0) return false;
    // The second line is the source of the error, whatever it begins with.
    return this.#report.length === 1 || UNCAUGHT_GOES_ON.test(text);
  }

  #endReport(): void {
    const report = this.#report.splice(0);
    if (report.length > 0) this.#keepLine(report.join("\n"));
  }

  #keepLine(line: string): void {
    if (this.#budget.reserve(this)) {
      this.#logDropped();
      this.#log(line, false);
    } else {
      this.#dropped += line.length;
    }
  }

  #logDropped(): void {
    if (this.#dropped > 0) {
      this.#log(`… ${this.#dropped} more bytes were dropped`, this.#isEarlier);
    }
    this.#dropped = 0;
    this.#isEarlier = false;
  }
}
