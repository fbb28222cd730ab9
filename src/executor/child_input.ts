// The input pipe of a child process.
import { settleWithin } from "../async/deadline.ts";
import { joined } from "./frames.ts";

/** Writes what comes in one turn, and while a write is on its way, at once. */
export class ChildInput {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #onBroken: () => void;
  #unwritten: Uint8Array[] = [];
  #isWriting = false;

  /** `onBroken`: the child has closed it. */
  constructor(stream: WritableStream<Uint8Array>, onBroken: () => void) {
    this.#writer = stream.getWriter();
    this.#onBroken = onBroken;
  }

  write(bytes: Uint8Array): void {
    this.#unwritten.push(bytes);
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
      const parts = this.#unwritten;
      this.#unwritten = [];
      await this.#writer.write(parts.length === 1 ? parts[0]! : joined(parts));
    }
    this.#isWriting = false;
  }
}
