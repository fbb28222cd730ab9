/**
 * The sockets of one kafkajs client.
 *
 * @module
 */
import type { ISocketFactoryArgs } from "kafkajs";
import net from "node:net";
import { clearTimeout, setTimeout } from "node:timers";
import tls from "node:tls";

/** Shortest wait for the first answer on a new connection, once the brokers are known to be near. */
const LEAST_MS = 1_200;
/** A first answer may take so many times as long as the fastest one: what is slower is not far away. */
const SLOWER = 4;
/** After so long a silence the network may have become slow, and no connection would ever do. */
const PATIENT_AFTER_MS = 20_000;

/**
 * How long a new connection may stay without any answer. One that was opened while the network
 * swallowed everything is dead for good, and looks like any other: the sooner it is given up, the
 * sooner the next one finds that the network is back.
 */
export class Patience {
  #fastestMs: number | undefined;
  #silentSince: number | undefined;

  /** Milliseconds to wait; undefined: for as long as the library waits for any answer. */
  get limitMs(): number | undefined {
    if (this.#fastestMs === undefined) return undefined;
    const silentMs = performance.now() - (this.#silentSince ?? Infinity);
    return silentMs > PATIENT_AFTER_MS ? undefined : Math.max(LEAST_MS, SLOWER * this.#fastestMs);
  }

  /** Notes that a connection got its first answer, after so many milliseconds. */
  answered(tookMs: number): void {
    // After a silence the network is another one; what was fast before it is forgotten.
    const before = this.#silentSince === undefined ? this.#fastestMs : undefined;
    this.#fastestMs = Math.min(tookMs, before ?? Infinity);
    this.#silentSince = undefined;
  }

  /** Notes that a connection was given up without one. */
  silent(): void {
    this.#silentSince ??= performance.now();
  }
}

/** Makes the sockets of a client, and can destroy them all. */
export class Sockets {
  readonly #background: boolean;
  readonly #open = new Set<net.Socket>();
  readonly #patience = new Patience();

  /**
   * Creates it.
   *
   * @param options `background`: whether open sockets leave the process free to end.
   */
  constructor(options: { background: boolean }) {
    this.#background = options.background;
  }

  /**
   * Opens a socket: without Nagle's delay, which kafkajs never turns off and which costs about a
   * millisecond a round trip, and given up where nothing ever comes.
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
    this.#expectAnswer(socket);
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

  #expectAnswer(socket: net.Socket): void {
    const openedAt = performance.now();
    const { limitMs } = this.#patience;
    const timer = limitMs === undefined ? undefined : setTimeout(() => {
      this.#patience.silent();
      socket.destroy(new Error(`no answer within ${Math.round(limitMs)} ms`));
    }, limitMs);
    timer?.unref();
    socket.once("data", () => this.#patience.answered(performance.now() - openedAt));
    for (const end of ["data", "close"]) socket.once(end, () => clearTimeout(timer));
  }
}
