// The input pipe of a child process.
import { settleWithin } from "../async/deadline.ts";
import { type FrameContent, framesOf } from "./frames.ts";

/** Writes the frames that come in one turn, and while a write is on its way, at once. */
export class ChildInput {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #onBroken: () => void;
  #unwritten: FrameContent[] = [];
  #isWriting = false;

  /** Writes what comes before the frames. `onBroken`: the child has closed it. */
  constructor(stream: WritableStream<Uint8Array>, start: Uint8Array, onBroken: () => void) {
    this.#writer = stream.getWriter();
    this.#onBroken = onBroken;
    this.#writer.write(start).catch(onBroken);
  }

  write(content: FrameContent): void {
    this.#unwritten.push(content);
    if (this.#isWriting) return;
    this.#isWriting = true;
    queueMicrotask(() => void this.#writeAll().catch(this.#onBroken));
  }

  /** Closes it at this end; waits no longer than that for it. */
  async abort(waitMs: number, onError: (error: unknown) => void): Promise<void> {
    await settleWithin(this.#writer.abort().catch(onError), waitMs);
  }

  async #writeAll(): Promise<void> {
    while (this.#unwritten.length > 0) {
      const frames = framesOf(this.#unwritten);
      this.#unwritten = [];
      await this.#writer.write(frames);
    }
    this.#isWriting = false;
  }
}
