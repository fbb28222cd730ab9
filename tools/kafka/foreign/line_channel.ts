/**
 * A program that is asked in lines of JSON and answers in lines of JSON, in any order.
 *
 * @module
 */
import type { LineProcess } from "../../line_process.ts";

/** What has happened by itself. */
export interface ForeignEvent {
  /** What it is. */
  readonly event: string;
  /** Facts beside it. */
  readonly [name: string]: unknown;
}

/** The broker, or Kafka's client, refused what was asked for. */
export class ForeignError extends Error {
  /** Always "ForeignError". */
  override name = "ForeignError";
  /** Number of Kafka's error, where it is one. */
  readonly code: number | undefined;

  /** Takes the text and the number. */
  constructor(text: string, code: number | undefined) {
    super(text);
    this.code = code;
  }
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
  readonly code?: number;
}

/** What is asked of such a program, and what comes back. */
export class LineChannel {
  /** Settles when the program has said its last. */
  readonly ended: Promise<void>;
  readonly #process: LineProcess;
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #events: ForeignEvent[] = [];
  readonly #looks = new Set<() => void>();
  #over = false;
  #last = 0;

  /** Takes the program. */
  constructor(process: LineProcess) {
    this.#process = process;
    this.ended = this.#follow();
  }

  /** Asks for something. */
  async ask(what: string, facts: object): Promise<unknown> {
    if (this.#over) throw new Error(`Cannot ask for ${what}: the program has ended.`);
    const id = ++this.#last;
    const asked = Promise.withResolvers<unknown>();
    this.#asked.set(id, asked);
    await this.#process.write(JSON.stringify({ id, do: what, with: facts }));
    return await asked.promise;
  }

  /** Waits for an event, which may have come before. */
  async event(met: (event: ForeignEvent) => boolean): Promise<ForeignEvent> {
    while (true) {
      const found = this.#events.find(met);
      if (found !== undefined) return found;
      if (this.#over) throw new Error("Cannot wait for an event: the program has ended.");
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#looks.add(resolve);
      await promise;
    }
  }

  /** Ends the input, which ends the program. */
  async close(): Promise<void> {
    await this.#process.endInput();
    await this.ended;
  }

  async #follow(): Promise<void> {
    for await (const line of this.#process.lines) this.#take(JSON.parse(line));
    this.#over = true;
    const error = new Error("Cannot answer: the program has ended. Its last words are above.");
    for (const { reject } of this.#asked.values()) reject(error);
    this.#look();
  }

  #take(line: Answer & ForeignEvent): void {
    if (line.id === undefined) {
      this.#events.push(line);
      return this.#look();
    }
    const asked = this.#asked.get(line.id);
    this.#asked.delete(line.id);
    if (line.error === undefined) asked?.resolve(line.result);
    else asked?.reject(new ForeignError(line.error, line.code));
  }

  #look(): void {
    for (const look of this.#looks) look();
    this.#looks.clear();
  }
}
