/**
 * What the program writes, kept.
 *
 * @module
 */
import { Output, type Sink } from "../../src/cli/output.ts";

/** Keeps all that is written. */
export class KeptSink implements Sink {
  /** What went to standard output. */
  text = "";
  /** What went to standard error. */
  errors = "";
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  readonly colours: boolean;

  /** A terminal of so many columns, or a pipe. */
  constructor(columns?: number, { colours = false, rows = 24 } = {}) {
    this.columns = columns;
    this.rows = columns && rows;
    this.colours = colours;
  }

  /** Keeps it. */
  write(text: string): void {
    this.text += text;
  }

  /** Keeps it. */
  writeError(text: string): void {
    this.errors += text;
  }

  /** An output that writes here. */
  output({ json = false } = {}): Output {
    return new Output(this, { json });
  }
}
