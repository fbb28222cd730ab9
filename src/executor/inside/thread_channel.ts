// Frames between the thread that runs commands and the one outside of it, through memory that they
// share: a message between threads takes three times as long, and a burst of them five times.

/** Frames between two threads. They arrive in the order in which they were sent. */
export interface ThreadChannel {
  /** Sends a frame. Its memory is not the sender's any more. */
  send(frame: Uint8Array<ArrayBuffer>): void;
  /** Sends a frame as a message: it is judged behind all that a module posted by itself before. */
  sendMessage(frame: Uint8Array<ArrayBuffer>): void;
  /** Takes a frame that came as a message, after those that were sent before it. */
  receive(frame: Uint8Array): void;
  /** Takes the frames that lie in the memory now. It also does so by itself. */
  drain(): void;
  /** Takes nothing any more. */
  close(): void;
}

export interface ThreadChannelOptions {
  /** Of {@linkcode SHARED_BYTES}, and all zero at first. */
  readonly memory: SharedArrayBuffer;
  readonly side: "inside" | "outside";
  /** Sends a frame as a message, for the other side's `receive`. */
  readonly post: (frame: Uint8Array<ArrayBuffer>) => void;
  /** Gets each frame, in memory that the other side can't reach. */
  readonly onFrame: (frame: Uint8Array<ArrayBuffer>) => void;
  /** The other side wrote what is no frame. Nothing is taken any more. */
  readonly onBroken: () => void;
  /** Runs work in a later turn of the event loop. */
  readonly later: (work: () => void) => void;
}

/**
 * Longest frame that goes through the memory, in bytes. Any other is a message that hands over its
 * own: it takes longer, but a copy of it would too, and the memory could be smaller than it.
 */
export const MAX_SHARED_FRAME_BYTES = 16_384;

/** Words at the front of the memory of a direction; on a cache line each what one side writes. */
const WORDS = { tail: 0, head: 16, taken: 17, all: 32 } as const;

/** Bytes of frames that a direction holds; a power of two. */
const CAPACITY = 131_072;

/** Where things lie in the memory; what both ends must agree on. */
export const LAYOUT = {
  ...WORDS,
  capacity: CAPACITY,
  direction: 4 * WORDS.all + CAPACITY,
  maxFrame: MAX_SHARED_FRAME_BYTES,
} as const;

/** Bytes of the memory: both directions. */
export const SHARED_BYTES = 2 * LAYOUT.direction;

/**
 * What is wrong with a version of Deno, if anything: the event loops of workers slept on until 2.7
 * when what they waited for in shared memory had come. Self-contained, because it travels as text.
 */
export function versionProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 2 || (major === 2 && minor >= 7)) return undefined;
  return `Deno ${version} runs it, and 2.7 is the first whose threads wake each other`;
}

/**
 * Self-contained, because it travels as text, and with the functions of the moment it was created,
 * because commands may replace them: they must not get this memory.
 *
 * A direction is a ring: its writer raises `tail`, its reader `head`, both in bytes and without end.
 * A frame is a word of its length and its bytes, up to whole words. What the ring has no place for
 * is a message, and so is all that follows until the reader has `taken` every message. So a message
 * comes after what the ring holds when it arrives, and before what is written to it afterwards.
 *
 * The other side may be hostile, and write anything at any time. So each side knows its own numbers
 * by itself and only tells them; it copies frames before anybody looks at them; it takes no more than
 * a whole ring in one turn of its event loop; it never waits.
 */
export function createThreadChannel(
  options: ThreadChannelOptions,
  layout: typeof LAYOUT,
): ThreadChannel {
  const { memory, side, post, onFrame, onBroken, later } = options;
  const { capacity, direction, maxFrame } = layout;
  const { load, notify, store, waitAsync } = Atomics;
  const { apply } = Reflect;
  const { then } = Promise.prototype;
  const { set } = Uint8Array.prototype;
  const Bytes = Uint8Array;
  const Words = Uint32Array;
  const Memory = ArrayBuffer;
  const mask = capacity - 1;

  function ring(number: number) {
    const words = new Int32Array(memory, number * direction, direction / 4);
    const start = number * direction + 4 * layout.all;
    return { words, start, bytes: new Bytes(memory, start, capacity) };
  }
  const outgoing = ring(side === "inside" ? 0 : 1);
  const incoming = ring(side === "inside" ? 1 : 0);
  let tail = 0;
  let posted = 0;
  let head = 0;
  let taken = 0;
  let isOpen = true;

  /** Bytes that a frame takes in a ring. */
  const sizeOf = (length: number) => 4 + length + (-length & 3);

  function write(frame: Uint8Array<ArrayBuffer>): boolean {
    const { length } = frame;
    const { words, bytes } = outgoing;
    const size = sizeOf(length);
    if (length > maxFrame || load(words, layout.taken) !== posted) return false;
    if (((tail - load(words, layout.head)) >>> 0) + size > capacity) return false;
    store(words, layout.all + ((tail & mask) >> 2), length);
    const at = (tail + 4) & mask;
    const first = capacity - at;
    if (length <= first) apply(set, bytes, [frame, at]);
    else {
      const { buffer, byteOffset } = frame;
      apply(set, bytes, [new Bytes(buffer, byteOffset, first), at]);
      apply(set, bytes, [new Bytes(buffer, byteOffset + first, length - first), 0]);
    }
    tail = (tail + size) | 0;
    store(words, layout.tail, tail);
    notify(words, layout.tail);
    return true;
  }

  function drain(): void {
    const { words, start } = incoming;
    const count = (load(words, layout.tail) - head) >>> 0;
    if (count > capacity || (count & 3) > 0) return breakOff();
    if (count === 0) return;
    const copy = new Memory(count);
    const bytes = new Bytes(copy);
    const at = head & mask;
    const first = count < capacity - at ? count : capacity - at;
    apply(set, bytes, [new Bytes(memory, start + at, first)]);
    apply(set, bytes, [new Bytes(memory, start, count - first), first]);
    head = (head + count) | 0;
    store(words, layout.head, head);
    const lengths = new Words(copy);
    for (let from = 0; isOpen && from < count;) {
      const length = lengths[from >> 2]!;
      const size = sizeOf(length);
      if (size > count - from) return breakOff();
      onFrame(new Bytes(copy, from + 4, length));
      from += size;
    }
  }

  function breakOff(): void {
    if (!isOpen) return;
    isOpen = false;
    onBroken();
  }

  function listen(): void {
    drain();
    if (!isOpen) return;
    const { async, value } = waitAsync(incoming.words, layout.tail, head);
    if (async) apply(then, value, [listen]);
    else later(listen); // more has come meanwhile, and may without end
  }
  listen();

  function sendMessage(frame: Uint8Array<ArrayBuffer>): void {
    posted = (posted + 1) | 0;
    post(frame);
  }

  return {
    send(frame) {
      if (!write(frame)) sendMessage(frame);
    },
    sendMessage,
    receive(frame) {
      drain();
      if (!isOpen) return;
      onFrame(frame as Uint8Array<ArrayBuffer>);
      taken = (taken + 1) | 0;
      store(incoming.words, layout.taken, taken);
    },
    drain,
    close() {
      isOpen = false;
      notify(incoming.words, layout.tail);
    },
  };
}
