/**
 * One direction of a proxied connection.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Frame, FrameReader } from "./frames.ts";
import type { Link } from "./link.ts";
import type { Strike } from "./strikes.ts";

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
  /** Milliseconds that the answers to one kind of request take longer, and all behind them. */
  readonly answerDelay?: { readonly api: number; readonly delayMs: number };
  /** Bytes in a second, in each direction, for all connections together. */
  readonly bytesPerSecond?: number;
  /**
   * A connection on which nothing came for so many milliseconds is dead for good: it swallows
   * everything, as behind a router that has forgotten it. Neither end hears of it.
   */
  readonly idleMs?: number;
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
  /** The line that connections share. */
  readonly link: Link;
  /** Called with the bytes that have come in. */
  touch(): void;
  /** Called with each request or response before it goes on; returns what happens to it. */
  meets(direction: Direction, frame: Frame): Strike | undefined;
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
      this.#rules.touch();
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
      const left = item.at + this.#delayOf(item, fault) - performance.now();
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

  #delayOf({ frame }: Item, { delayMs = 0, answerDelay }: Fault): number {
    const late = this.#direction === "response" && frame?.api === answerDelay?.api;
    return delayMs + (late ? answerDelay?.delayMs ?? 0 : 0);
  }

  async #deliver({ bytes, frame, end }: Item, fault: Fault): Promise<void> {
    if (end) return void this.#sink.end();
    const strike = frame && this.#rules.meets(this.#direction, frame);
    const whole = strike?.bytes ?? bytes;
    const { resetAfter } = fault;
    const left = resetAfter?.direction === this.#direction
      ? Math.max(resetAfter.bytes - this.#passed, 0)
      : Infinity;
    const count = Math.min(whole.length, left);
    await this.#send(whole.subarray(0, count));
    this.#passed += count;
    if (whole.length >= left) this.#rules.reset();
    switch (strike?.then) {
      case "reset":
        return this.#rules.reset();
      case "end":
        this.#rules.dead = true;
        return void this.#sink.end();
      case "stall":
        this.#rules.dead = true;
    }
  }

  /** In slices, as the fault of each moment has them. */
  async #send(bytes: Uint8Array): Promise<void> {
    const { link } = this.#rules;
    for (let sent = 0; sent < bytes.length && !this.#over;) {
      const { sliceBytes = Infinity, bytesPerSecond = Infinity } = this.#rules.fault();
      const most = Math.min(sliceBytes, link.sliceOf(bytesPerSecond));
      const slice = bytes.subarray(sent, sent + most);
      await this.#crossed(link.reserve(this.#direction, slice.length, bytesPerSecond));
      await this.#write(slice);
      sent += slice.length;
    }
  }

  /** Resolves when a slice has gone over the line, or the line is not limited any more. */
  async #crossed(waitMs: number): Promise<void> {
    const at = performance.now() + waitMs;
    const left = () => at - performance.now();
    while (left() > 0 && !this.#over && this.#rules.fault().bytesPerSecond !== undefined) {
      await this.#changed(left());
    }
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
