// One output pipe of a child process.
import { settleWithin } from "../async/deadline.ts";

/**
 * Bytes of the one buffer that all is read into. Deno's own choice is a new one of this length for
 * each read: that took 35 µs of 60 that a read of 200 bytes takes, and a write of them.
 */
const BUFFER_BYTES = 65_536;

/** Reads a pipe to its end, or until {@linkcode Pipe.end} stops waiting for that. */
export class Pipe {
  readonly #reader: ReadableStreamBYOBReader;
  readonly #done: Promise<void>;

  /** Starts reading. `onChunk` must not throw. */
  constructor(stream: ReadableStream<Uint8Array>, onChunk: (chunk: Uint8Array) => void) {
    this.#reader = stream.getReader({ mode: "byob" });
    this.#done = this.#read(onChunk);
  }

  /** Waits for the end of the pipe, and closes it if that does not come. */
  async end(waitMs: number): Promise<void> {
    await settleWithin(this.#done, waitMs);
    await this.#reader.cancel();
    await this.#done;
  }

  async #read(onChunk: (chunk: Uint8Array) => void): Promise<void> {
    let buffer = new Uint8Array(BUFFER_BYTES);
    while (true) {
      const { done, value } = await this.#reader.read(buffer);
      if (done) return;
      onChunk(value.slice());
      buffer = new Uint8Array(value.buffer);
    }
  }
}
