// Frames of one stream, put into their order.

/**
 * Frames by their number: a frame that was sent again may come twice, late, and after those that
 * followed it. Holds no more than the server may send.
 */
export class FrameOrder<Frame> {
  readonly #early = new Map<number, Frame>();
  #next = 0;

  /** Number of the next frame in order. */
  get next(): number {
    return this.#next;
  }

  /** Whether a frame with this number has come. */
  has(seq: number): boolean {
    return seq < this.#next || this.#early.has(seq);
  }

  /** Takes a frame; gives those that follow in order now, mostly the one or none. */
  *take(seq: number, frame: Frame): Generator<Frame> {
    if (this.has(seq)) return;
    if (seq > this.#next) {
      this.#early.set(seq, frame);
      return;
    }
    let following: Frame | undefined = frame;
    while (following !== undefined) {
      this.#next++;
      yield following;
      following = this.#early.get(this.#next);
      this.#early.delete(this.#next);
    }
  }
}
