/**
 * Cuts the bytes of a Kafka connection into requests and responses, so that a fault can be aimed
 * at one of them.
 *
 * @module
 * @see https://kafka.apache.org/protocol#protocol_messages
 */

/** Keys of requests that faults are aimed at. */
export const API = {
  produce: 0,
  fetch: 1,
  listOffsets: 2,
  metadata: 3,
  offsetCommit: 8,
  offsetFetch: 9,
  findCoordinator: 10,
  joinGroup: 11,
  heartbeat: 12,
  leaveGroup: 13,
  syncGroup: 14,
  describeGroups: 15,
  saslHandshake: 17,
  apiVersions: 18,
  createTopics: 19,
  saslAuthenticate: 36,
  consumerGroupDescribe: 69,
} as const;

/** One request or response, whole, with its size in front. */
export interface Frame {
  /** All of its bytes. */
  readonly bytes: Uint8Array;
  /** Key of the request, also on its response. */
  readonly api: number;
  /** Name that the client gave itself. */
  readonly clientId: string;
  /** Number that pairs requests and responses. */
  readonly correlationId: number;
}

/** Gathers bytes until frames are whole. */
export class FrameReader {
  readonly #read: (bytes: Uint8Array) => Frame;
  #rest: Uint8Array = new Uint8Array();

  /** Takes what makes a frame of its bytes. */
  constructor(read: (bytes: Uint8Array) => Frame) {
    this.#read = read;
  }

  /** Takes bytes; gives the frames that are whole with them. */
  push(chunk: Uint8Array): Frame[] {
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest);
      bytes.set(chunk, this.#rest.length);
    }
    const frames: Frame[] = [];
    while (bytes.length >= 4) {
      const size = 4 + viewOf(bytes).getInt32(0);
      if (bytes.length < size) break;
      frames.push(this.#read(bytes.slice(0, size)));
      bytes = bytes.subarray(size);
    }
    this.#rest = bytes.slice();
    return frames;
  }
}

/** The two directions of one connection: responses carry no key, only their request's number. */
export class KafkaFrames {
  readonly #asked = new Map<number, Frame>();
  /** From the client. */
  readonly requests: FrameReader = new FrameReader((bytes) => this.#request(bytes));
  /** From the broker. */
  readonly responses: FrameReader = new FrameReader((bytes) => this.#response(bytes));

  #request(bytes: Uint8Array): Frame {
    const view = viewOf(bytes);
    const length = view.getInt16(12);
    const clientId = new TextDecoder().decode(bytes.subarray(14, 14 + Math.max(length, 0)));
    const correlationId = view.getInt32(8);
    const frame = { bytes, api: view.getInt16(4), clientId, correlationId };
    this.#asked.set(correlationId, { ...frame, bytes: new Uint8Array() });
    return frame;
  }

  #response(bytes: Uint8Array): Frame {
    const correlationId = viewOf(bytes).getInt32(4);
    const asked = this.#asked.get(correlationId);
    this.#asked.delete(correlationId);
    return { bytes, api: asked?.api ?? -1, clientId: asked?.clientId ?? "", correlationId };
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
