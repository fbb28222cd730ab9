/**
 * The sockets of one kafkajs client.
 *
 * @module
 */
import type { ISocketFactoryArgs } from "kafkajs";
import net from "node:net";
import tls from "node:tls";

/** Makes the sockets of a client, and can destroy them all. */
export class Sockets {
  readonly #background: boolean;
  readonly #open = new Set<net.Socket>();

  /**
   * Creates it.
   *
   * @param options `background`: whether open sockets leave the process free to end.
   */
  constructor(options: { background: boolean }) {
    this.#background = options.background;
  }

  /**
   * Opens a socket without Nagle's delay, which kafkajs never turns off and which costs about a
   * millisecond a round trip.
   *
   * @param to Where to, and what kafkajs wants to be told.
   * @returns The socket.
   */
  open({ host, port, ssl, onConnect }: ISocketFactoryArgs): net.Socket {
    // A host name must be sent for SNI; an address must not (RFC 6066, section 3).
    const servername = net.isIP(host) === 0 ? { servername: host } : {};
    const socket = ssl
      ? tls.connect({ host, port, ...servername, ...ssl }, onConnect)
      : net.connect({ host, port }, onConnect);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    // Every request that waits for this connection listens to it.
    socket.setMaxListeners(0);
    if (this.#background) socket.unref();
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
    return socket;
  }

  /**
   * Destroys every open socket. kafkajs keeps a dead connection until the system gives it up, and
   * a long poll until it ends; this ends both now.
   */
  async destroy(): Promise<void> {
    const closed = [...this.#open].map((socket) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      socket.once("close", () => resolve());
      // With an error: kafkajs rejects the requests under way on `error`, not on `close`.
      socket.destroy(new Error("closed by this client"));
      return promise;
    });
    await Promise.all(closed);
  }
}
