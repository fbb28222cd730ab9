// One authenticated connection to a broker.
import { addressText } from "../brokers.ts";
import { BoundedReader } from "./bounded_reader.ts";
import type { FramedSocket } from "./framed_socket.ts";
import type { Library } from "./library.ts";
import {
  type Answers,
  type Api,
  type BrokerAddress,
  type BrokerConnection,
  ConnectionFailed,
  type Requests,
} from "./port.ts";
import {
  type BrokerSocket,
  type BrokerVersions,
  commonVersion,
  type RequestKind,
} from "./versions.ts";

/** A request that brings its own encoding. */
export interface Question<T> extends RequestKind {
  /** Gives what follows the header (version 1 of it). */
  encode(version: number): Uint8Array;
  /** Decodes what follows the correlation id. */
  decode(reader: BoundedReader, version: number): T;
}

/** Encodes and decodes over a socket that is authenticated. */
export class LibraryConnection implements BrokerConnection {
  readonly #library: Library;
  readonly #socket: FramedSocket;
  readonly #versions: BrokerVersions;
  readonly address: BrokerAddress;
  readonly sessionMs: number | undefined;
  /** Encoding is asynchronous: a small request must not overtake a large one. */
  #written = Promise.resolve();

  constructor(
    library: Library,
    opened: BrokerSocket & { readonly sessionMs: number | undefined },
  ) {
    this.#library = library;
    this.#socket = opened.socket;
    this.#versions = opened.versions;
    this.address = opened.address;
    this.sessionMs = opened.sessionMs;
  }

  get ended(): Promise<ConnectionFailed> {
    return this.#socket.ended;
  }

  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  get bytesReceived(): number {
    return this.#socket.bytesReceived;
  }

  /** Which requests the broker has, by key, and in which versions. */
  get versions(): BrokerVersions {
    return this.#versions;
  }

  async send<A extends Api>(api: A, request: Requests[A]): Promise<Answers[A]> {
    const { requests, decoders } = this.#library;
    const version = commonVersion(this.#versions, { name: api, ...requests[api] }, this.address);
    const answer = await this.#write(api, request, version);
    return this.#read(api, answer, (reader) => decoders[api](reader, version));
  }

  /**
   * Sends a request that is not the port's: an operator asks what calls never need.
   *
   * @throws {ConnectionFailed} As `send`.
   */
  async ask<T>({ encode, decode, ...kind }: Question<T>): Promise<T> {
    const { name, key } = kind;
    const version = commonVersion(this.#versions, kind, this.address);
    const answer = await this.#socket.request({ name, key, version, body: [encode(version)] });
    return this.#read(name, answer, (reader) => decode(reader, version));
  }

  #read<T>(name: string, answer: Uint8Array, decode: (reader: BoundedReader) => T): T {
    try {
      return decode(new BoundedReader(answer));
    } catch (cause) {
      const text = `${addressText(this.address)} sent an answer to ${name} that can't be read: ` +
        (cause as Error).message;
      const failure = new ConnectionFailed("protocol", text, { cause });
      this.#socket.end(failure);
      throw failure;
    }
  }

  close(reason = "closed by this side"): void {
    this.#socket.end(new ConnectionFailed("closed", reason));
  }

  #write<A extends Api>(api: A, request: Requests[A], version: number): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    this.#written = this.#written.then(async () => {
      const { key, encode } = this.#library.requests[api];
      const body = [await encode(request, version)];
      this.#socket.request({ name: api, key, version, body }).then(resolve, reject);
    }).catch(reject);
    return promise;
  }
}
