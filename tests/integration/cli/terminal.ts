/**
 * The command-line tool on a terminal of its own, as a person has it.
 *
 * @module
 */
import { PYTHON } from "../../../tools/kafka/foreign/pypi.ts";
import { LineProcess } from "../../../tools/line_process.ts";
import { Arrivals } from "../../arrivals.ts";
import { within } from "../../within.ts";
import { programArguments } from "./program.ts";

/**
 * Runs a program on a new terminal of so many columns and rows: what it writes there comes out, what
 * comes in is typed there.
 */
const TERMINAL = `
import fcntl, os, pty, select, struct, sys, termios
columns, rows, *command = sys.argv[1:]
program, terminal = pty.fork()
if program == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))
    os.execvp(command[0], command)
sources = [0, terminal]
while terminal in sources:
    for source in select.select(sources, [], [])[0]:
        try:
            data = os.read(source, 65536)
        except OSError: # Linux: nothing is left on the terminal
            data = b""
        if not data:
            sources.remove(source)
        elif source == terminal:
            os.write(1, data)
        else:
            os.write(terminal, data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(program, 0)[1]))
`;

/** How many lines a terminal here has. */
const ROWS = 30;
const CTRL_C = "\u0003";
/** Begins what a terminal obeys. */
export const ESCAPE = "\u001b";
const SEQUENCE = new RegExp(`${ESCAPE}\\[[\\d;?]*[a-zA-Z]`, "g");

/** A run of the program; disposing of it closes the terminal. */
export class Terminal implements AsyncDisposable {
  /** What it showed so far, line by line, with all that a terminal obeys. */
  readonly lines: Arrivals<string> = new Arrivals<string>();
  readonly #process: LineProcess;
  readonly #read: Promise<void>;

  /** Starts it at so many columns. */
  constructor(columns: number, ...args: string[]) {
    const command = [Deno.execPath(), ...programArguments(...args)];
    this.#process = new LineProcess({
      command: PYTHON,
      args: ["-c", TERMINAL, String(columns), String(ROWS), ...command],
      // What a pipeline sets is not for a person.
      env: { NO_COLOR: "", TERM: "xterm-256color" },
    });
    this.#read = this.#follow();
  }

  /** Presses Ctrl-C. */
  async interrupt(): Promise<void> {
    await this.#process.write(CTRL_C);
  }

  /** Waits for its end; resolves with the exit code and all that it showed. */
  async end(): Promise<{ readonly code: number; readonly text: string }> {
    const { code } = await within(this.#process.status, "the end of the program");
    await this.#read;
    return { code, text: this.lines.items.join("\n") };
  }

  async #follow(): Promise<void> {
    for await (const line of this.#process.lines) this.lines.push(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process[Symbol.asyncDispose]();
    await this.#read;
  }
}

/** What is to be read of it. */
export const plain = (text: string): string => text.replaceAll(SEQUENCE, "");
