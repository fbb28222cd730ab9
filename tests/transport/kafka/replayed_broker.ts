/**
 * A socket whose other side answers each request with bytes that were recorded,
 * and fails where it is to.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { framed } from "./frames.ts";

/** How a connection ends: with FIN, with RST, or never. */
export type Ending = "fin" | "rst" | "stall";

/** What the other side does. */
export interface Script {
  /** Answers, without their lengths; one for each request. */
  readonly answers: readonly Uint8Array[];
  /** Most bytes of a chunk. Default: whole answers. */
  readonly chunkBytes?: number | undefined;
  /** Where it fails. Default: it never does. */
  readonly cut?: Cut | undefined;
}

/** A failure. */
export interface Cut {
  /** Bytes of all answers, lengths counted, that arrive before. */
  readonly at: number;
  /** What arrives in place of the rest. Default: nothing. */
  readonly then?: Uint8Array | undefined;
  /** How it ends. */
  readonly ending: Ending;
}

/** The socket. */
export class ReplayedBroker extends Duplex {
  readonly #script: Script;
  readonly #failed = Promise.withResolvers<void>();
  /** What was written to it, request by request. */
  readonly requests: Buffer[] = [];
  #left: number;

  /** Creates it. */
  constructor(script: Script) {
    super({ allowHalfOpen: false });
    this.#script = script;
    this.#left = script.cut?.at ?? Infinity;
  }

  /** Resolves when the script has failed. */
  get failed(): Promise<void> {
    return this.#failed.promise;
  }

  override _read(): void {
    // What there is was pushed when the request came.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const answer = this.#script.answers[this.requests.length];
    this.requests.push(chunk);
    if (answer !== undefined && this.#left >= 0) this.#deliver(framed(answer));
    done();
  }

  #deliver(bytes: Uint8Array): void {
    const { chunkBytes = bytes.length, cut } = this.#script;
    const arriving = bytes.subarray(0, Math.min(bytes.length, this.#left));
    for (let at = 0; at < arriving.length; at += chunkBytes) {
      this.push(Buffer.from(arriving.subarray(at, at + chunkBytes)));
    }
    this.#left -= arriving.length;
    if (cut === undefined || this.#left > 0) return;
    this.#left = -1;
    if (cut.then !== undefined) this.push(Buffer.from(cut.then));
    if (cut.ending === "fin") this.push(null);
    if (cut.ending === "rst") {
      this.destroy(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
    }
    this.#failed.resolve();
  }
}
