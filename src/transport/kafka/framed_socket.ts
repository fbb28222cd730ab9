// Requests and answers over one socket, whatever library encodes them.
//
// Whatever arrives, or happens to the socket, ends in a value or in one failure of
// the connection: nothing throws out of a listener, and no promise stays open. There is no clock
// here: a caller that has waited long enough calls `FramedSocket.end`.
import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { FrameCollector } from "./frame_collector.ts";
import { ConnectionFailed } from "./port.ts";

/** Most bytes of an answer where nothing else is said: `max.message.bytes` is rarely above it. */
const MAX_ANSWER_BYTES = 128 * 1024 * 1024;

interface FramedSocketOptions {
  /** Names the other side in errors, as `host:port`. */
  readonly peer: string;
  readonly clientId: string;
  /** Turns an error of the socket into its kind. */
  readonly failureOf: (error: Error) => ConnectionFailed;
  readonly maxAnswerBytes?: number | undefined;
}

/** A request, encoded but for its header. */
interface EncodedRequest {
  readonly name: string;
  readonly key: number;
  readonly version: number;
  /** What follows the header (version 1 of it). */
  readonly body: readonly Uint8Array[];
}

interface Waiting {
  readonly correlationId: number;
  readonly name: string;
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (error: ConnectionFailed) => void;
}

export class FramedSocket {
  readonly #socket: Duplex;
  readonly #peer: string;
  readonly #clientId: Uint8Array;
  readonly #frames: FrameCollector;
  readonly #ended = Promise.withResolvers<ConnectionFailed>();
  #waiting: Waiting[] = [];
  #reason: ConnectionFailed | undefined;
  #lastCorrelationId = 0;
  #bytesReceived = 0;

  constructor(socket: Duplex, options: FramedSocketOptions) {
    const { peer, clientId, failureOf, maxAnswerBytes = MAX_ANSWER_BYTES } = options;
    this.#socket = socket;
    this.#peer = peer;
    this.#clientId = Buffer.from(clientId);
    this.#frames = new FrameCollector(maxAnswerBytes);
    // The listeners stay: an error that comes after the end must have one as well.
    socket.on("error", (error: Error) => this.end(failureOf(error)));
    socket.on("end", () => this.#endAtClose());
    socket.on("close", () => this.#endAtClose());
    socket.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    if (socket.destroyed) this.#endAtClose();
  }

  get ended(): Promise<ConnectionFailed> {
    return this.#ended.promise;
  }

  get isOpen(): boolean {
    return this.#reason === undefined;
  }

  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  /**
   * Sends a request, and gives the answer without its correlation id. The order of the calls is the
   * order on the wire.
   */
  request(request: EncodedRequest): Promise<Uint8Array> {
    if (this.#reason !== undefined) return Promise.reject(this.#reason);
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const correlationId = this.#lastCorrelationId = (this.#lastCorrelationId + 1) & 0x7fff_ffff;
    this.#waiting.push({ correlationId, name: request.name, resolve, reject });
    this.#socket.write(this.#frame(request, correlationId));
    return promise;
  }

  /**
   * Ends it now: what is in flight rejects with the reason, the socket is destroyed. The first
   * reason counts.
   */
  end(reason: ConnectionFailed): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#socket.destroy();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(reason);
    this.#ended.resolve(reason);
  }

  #frame({ key, version, body }: EncodedRequest, correlationId: number): Uint8Array {
    const header = Buffer.allocUnsafe(14);
    const size = body.reduce((sum, part) => sum + part.length, 0);
    header.writeInt32BE(header.length - 4 + this.#clientId.length + size, 0);
    header.writeInt16BE(key, 4);
    header.writeInt16BE(version, 6);
    header.writeInt32BE(correlationId, 8);
    header.writeInt16BE(this.#clientId.length, 12);
    return Buffer.concat([header, this.#clientId, ...body]);
  }

  #receive(chunk: Uint8Array): void {
    if (this.#reason !== undefined) return;
    this.#bytesReceived += chunk.length;
    let frames: Uint8Array[];
    try {
      frames = this.#frames.push(chunk);
    } catch (cause) {
      return this.#endAsNotKafka((cause as Error).message, cause);
    }
    for (const frame of frames) this.#deliver(frame);
  }

  #deliver(frame: Uint8Array): void {
    const correlationId = new DataView(frame.buffer, frame.byteOffset).getInt32(0);
    const first = this.#waiting[0];
    if (first === undefined) return this.#endAsNotKafka("an answer that nothing was asked for");
    if (first.correlationId !== correlationId) {
      return this.#endAsNotKafka(
        `an answer to request ${correlationId} in place of ${first.correlationId} (${first.name})`,
      );
    }
    this.#waiting.shift();
    first.resolve(frame.subarray(4));
  }

  #endAsNotKafka(what: string, cause?: unknown): void {
    const text = `${this.#peer} does not speak Kafka's protocol: it sent ${what}`;
    this.end(new ConnectionFailed("protocol", text, { cause }));
  }

  #endAtClose(): void {
    const names = this.#waiting.map(({ name }) => name).join(", ");
    const when = this.#frames.isInsideFrame ? " inside an answer" : "";
    const missing = names === "" ? "" : `, before the answer to ${names}`;
    const text = `${this.#peer} closed the connection${when}${missing}`;
    this.end(new ConnectionFailed("network", text));
  }
}
