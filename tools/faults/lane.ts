/**
 * One direction of a proxied connection.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Frame, FrameReader } from "./frames.ts";

/** What happens to the bytes of a connection; nothing where it is empty. */
export interface Fault {
  /** Keeps the bytes back, in both directions, until the fault ends; then they go on. */
  readonly stall?: boolean;
  /**
   * Swallows the bytes of both directions, and every end of a connection. A connection that lost
   * bytes stays dead for good, as behind a firewall that has forgotten it.
   */
  readonly blackHole?: boolean;
  /** Milliseconds that everything takes longer, in each direction. */
  readonly delayMs?: number;
  /** Most bytes that are written at a time. */
  readonly sliceBytes?: number;
  /** Resets the connection once so many bytes of one direction have gone through. */
  readonly resetAfter?: { readonly direction: Direction; readonly bytes: number };
}

/** Which way bytes go: requests to the broker, responses to the client. */
export type Direction = "request" | "response";

/** What a lane asks of its connection. */
export interface LaneRules {
  /** The fault of the moment. */
  fault(): Fault;
  /** Whether the connection has lost bytes, and so is dead. */
  dead: boolean;
  /** Told of each request or response before it goes on; true where the connection is to be cut. */
  cuts(direction: Direction, frame: Frame): boolean;
  /** Resets both ends. */
  reset(): void;
}

interface Item {
  readonly bytes: Uint8Array;
  readonly frame?: Frame;
  readonly at: number;
  /** No bytes: this end has said goodbye. */
  readonly end?: true;
}

/** What is kept back of one direction at most; more stays with its sender. */
const MAX_HELD_BYTES = 1024 * 1024;

/** Carries the bytes of one direction, under the faults of its connection. */
export class Lane {
  readonly #direction: Direction;
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #rules: LaneRules;
  readonly #queue: Item[] = [];
  #held = 0;
  #passed = 0;
  #over = false;
  #wake: (() => void) | undefined;

  /** Starts to carry. With a frame reader, whole frames go on only. */
  constructor(
    direction: Direction,
    ends: { source: Socket; sink: Socket },
    rules: LaneRules,
    frames?: FrameReader,
  ) {
    this.#direction = direction;
    this.#source = ends.source;
    this.#sink = ends.sink;
    this.#rules = rules;
    this.#source.on("data", (bytes: Uint8Array) => {
      const at = performance.now();
      if (frames === undefined) return this.#take({ bytes, at });
      for (const frame of frames.push(bytes)) this.#take({ bytes: frame.bytes, frame, at });
    });
    this.#source.on("end", () => {
      this.#take({ bytes: new Uint8Array(), at: performance.now(), end: true });
    });
    void this.#run();
  }

  /** Looks at the faults again. */
  wake(): void {
    this.#wake?.();
  }

  /** Ends for good. */
  stop(): void {
    this.#over = true;
    this.wake();
  }

  #take(item: Item): void {
    this.#queue.push(item);
    this.#held += item.bytes.length;
    if (this.#held > MAX_HELD_BYTES) this.#source.pause();
    this.wake();
  }

  async #run(): Promise<void> {
    while (!this.#over) {
      const item = this.#queue[0];
      const fault = this.#rules.fault();
      if (item === undefined || fault.stall) {
        await this.#changed();
        continue;
      }
      if (fault.blackHole) this.#rules.dead = true;
      const left = item.at + (fault.delayMs ?? 0) - performance.now();
      if (left > 0 && !this.#rules.dead) {
        await this.#changed(left);
        continue;
      }
      this.#queue.shift();
      this.#held -= item.bytes.length;
      if (this.#held <= MAX_HELD_BYTES) this.#source.resume();
      if (!this.#rules.dead) await this.#deliver(item, fault);
    }
  }

  async #deliver({ bytes, frame, end }: Item, fault: Fault): Promise<void> {
    if (end) return void this.#sink.end();
    if (frame !== undefined && this.#rules.cuts(this.#direction, frame)) return this.#rules.reset();
    const { resetAfter, sliceBytes = bytes.length } = fault;
    const left = resetAfter?.direction === this.#direction
      ? Math.max(resetAfter.bytes - this.#passed, 0)
      : Infinity;
    for (let sent = 0; sent < Math.min(bytes.length, left);) {
      const slice = bytes.subarray(sent, Math.min(sent + sliceBytes, left));
      await this.#write(slice);
      sent += slice.length;
    }
    this.#passed += Math.min(bytes.length, left);
    if (bytes.length >= left) this.#rules.reset();
  }

  /** Resolves when the system has the bytes, so that the next ones go in a packet of their own. */
  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#over) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    // An error of this end ends the connection elsewhere.
    this.#sink.write(bytes, () => resolve());
    await promise;
  }

  async #changed(withinMs?: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = withinMs === undefined ? undefined : setTimeout(resolve, withinMs);
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
  }
}
