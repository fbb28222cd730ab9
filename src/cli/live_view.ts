// A view that is drawn again and again: in place on a terminal, one behind the other elsewhere.
import type { Output } from "./output.ts";

/** Another screen, without a cursor: what was on the first one comes back at the end. */
const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";
const CLEAR = "\u001b[H\u001b[J";

export class LiveView implements Disposable {
  readonly #output: Output;
  #last: readonly string[] = [];
  #isEntered = false;
  /** However the program ends, the terminal is as it was. */
  readonly #restore = () => this.#leave();

  constructor(output: Output) {
    this.#output = output;
    globalThis.addEventListener("unload", this.#restore);
  }

  draw(lines: readonly string[]): void {
    this.#last = lines;
    if (!this.#output.isTerminal) return this.#print([...lines, ""]);
    if (!this.#isEntered) this.#output.control(ENTER);
    this.#isEntered = true;
    this.#output.control(CLEAR);
    // The last row stays empty: behind a line in it the terminal would scroll.
    this.#print(lines.slice(0, Math.max(1, this.#output.rows - 1)));
  }

  /** Leaves the last view on the screen that was there before. */
  [Symbol.dispose](): void {
    globalThis.removeEventListener("unload", this.#restore);
    if (!this.#isEntered) return;
    this.#leave();
    this.#print(this.#last);
  }

  #leave(): void {
    if (this.#isEntered) this.#output.control(LEAVE);
    this.#isEntered = false;
  }

  #print(lines: readonly string[]): void {
    this.#output.line(lines.join("\n"));
  }
}
