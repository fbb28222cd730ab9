// What the program writes: lines for people, or JSON, one value a line, for programs.
import { printable } from "../logging/printable.ts";

/** Where output goes. */
export interface Sink {
  write(text: string): void;
  writeError(text: string): void;
  /** Columns of the terminal; undefined where the output goes to a file or a pipe. */
  readonly columns: number | undefined;
  /** Lines of the terminal. */
  readonly rows: number | undefined;
  readonly colours: boolean;
}

const PAINTS = { bold: 1, faint: 2, red: 31, green: 32, yellow: 33 } as const;

export type Paint = keyof typeof PAINTS;

export class Output {
  readonly #sink: Sink;
  readonly isJson: boolean;

  constructor(sink: Sink, { json }: { readonly json: boolean }) {
    this.#sink = sink;
    this.isJson = json;
  }

  /** Columns that a line may have; Infinity where nothing is cut. */
  get columns(): number {
    return this.#sink.columns ?? Infinity;
  }

  /** Lines that are to be seen at a time. */
  get rows(): number {
    return this.#sink.rows ?? Infinity;
  }

  get isTerminal(): boolean {
    return this.#sink.columns !== undefined;
  }

  /** Writes lines for people; what others chose in them must not be obeyed by the terminal. */
  line(text = ""): void {
    this.#sink.write(`${text}\n`);
  }

  /** Writes what a terminal obeys. */
  control(sequence: string): void {
    this.#sink.write(sequence);
  }

  /** Writes one JSON value, in one line; what a terminal obeys is escaped, as JSON has it too. */
  value(value: unknown): void {
    this.#sink.write(`${printable(JSON.stringify(value, jsonOf))}\n`);
  }

  /** Writes to standard error, whatever standard output is for. */
  note(text: string): void {
    this.#sink.writeError(`${text}\n`);
  }

  /** Text without what a terminal obeys, coloured where there is a terminal that wants colours. */
  paint(text: string, paint?: Paint): string {
    const plain = printable(text);
    if (paint === undefined || !this.#sink.colours || plain === "") return plain;
    return `\u001b[${PAINTS[paint]}m${plain}\u001b[0m`;
  }
}

function jsonOf(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return { base64: value.toBase64() };
  return value;
}

const encoder = new TextEncoder();

/**
 * The terminal, or whatever stands for it. `onClosed`: called when its reader has gone, as `head`
 * does once it has enough.
 */
export function terminalSink(onClosed: () => void): Sink {
  const isTerminal = Deno.stdout.isTerminal();
  const write = (to: typeof Deno.stdout, text: string) => {
    try {
      let bytes = encoder.encode(text);
      while (bytes.length > 0) bytes = bytes.subarray(to.writeSync(bytes));
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      onClosed();
    }
  };
  return {
    write: (text) => write(Deno.stdout, text),
    writeError: (text) => write(Deno.stderr, text),
    // Looked at for each line: a window changes its size.
    get columns() {
      return isTerminal ? Deno.consoleSize().columns : undefined;
    },
    get rows() {
      return isTerminal ? Deno.consoleSize().rows : undefined;
    },
    colours: isTerminal && !Deno.env.get("NO_COLOR"),
  };
}
