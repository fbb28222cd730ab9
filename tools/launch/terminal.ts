/**
 * Progress on a terminal, or in a file or CI log.
 *
 * @module
 */
import type { Log } from "../kafka/log.ts";

const CLEAR_LINE = "\r\x1b[2K";
const PLAIN_PASSING_EVERY_MS = 3000;

/**
 * Writes to standard error, so that standard output belongs to the task. Passing lines
 * overwrite each other on a terminal; elsewhere only one in three seconds is printed.
 */
export function terminalLog(): Log {
  const terminal = Deno.stderr.isTerminal();
  const write = (text: string) => Deno.stderr.writeSync(new TextEncoder().encode(text));
  let passing = false;
  let lastPlain = 0;
  return (line, kind) => {
    if (terminal) {
      write(
        (passing ? CLEAR_LINE : "") + line + (kind === "passing" ? "" : "\n"),
      );
      passing = kind === "passing";
    } else if (
      kind !== "passing" ||
      performance.now() - lastPlain >= PLAIN_PASSING_EVERY_MS
    ) {
      write(line + "\n");
      lastPlain = performance.now();
    }
  };
}
