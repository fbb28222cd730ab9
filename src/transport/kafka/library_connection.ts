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
import { type BrokerSocket, type BrokerVersions, commonVersion } from "./versions.ts";

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

  async send<A extends Api>(api: A, request: Requests[A]): Promise<Answers[A]> {
    const { requests, decoders } = this.#library;
    const version = commonVersion(this.#versions, { name: api, ...requests[api] }, this.address);
    const answer = await this.#write(api, request, version);
    try {
      return decoders[api](new BoundedReader(answer), version);
    } catch (cause) {
      const text = `${addressText(this.address)} sent an answer to ${api} that can't be read: ` +
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
