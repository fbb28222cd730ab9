// One output pipe of a child process.
import { settleWithin } from "../async/deadline.ts";

/** Reads a pipe to its end, or until {@linkcode Pipe.end} stops waiting for that. */
export class Pipe {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #done: Promise<void>;

  /** Starts reading. `onChunk` must not throw. */
  constructor(stream: ReadableStream<Uint8Array>, onChunk: (chunk: Uint8Array) => void) {
    this.#reader = stream.getReader();
    this.#done = this.#read(onChunk);
  }

  /** Waits for the end of the pipe, and closes it if that does not come. */
  async end(waitMs: number): Promise<void> {
    await settleWithin(this.#done, waitMs);
    await this.#reader.cancel();
    await this.#done;
  }

  async #read(onChunk: (chunk: Uint8Array) => void): Promise<void> {
    for (let part = await this.#reader.read(); !part.done; part = await this.#reader.read()) {
      onChunk(part.value);
    }
  }
}
