/**
 * One connection to a simulated broker.
 *
 * @module
 */
import { clock } from "../../src/async/clock.ts";
import {
  type Answers,
  type Api,
  type BrokerAddress,
  type BrokerConnection,
  ConnectionFailed,
  type Requests,
} from "../../src/transport/kafka/port.ts";
import type { Broker } from "./cluster.ts";
import type { Around, Mishap } from "./network.ts";
import type { Program } from "./virtual_clock.ts";

const LATENCY_MS = { least: 0.2, most: 2 };
/** A late answer comes so late at most. */
export const LATE_MS = 3_000;
/** How long a throttled client must wait. */
export const THROTTLE_MS = 700;
const ANSWER_BYTES = 100;

/** How long something needs from one machine to the other. */
export function latency(): number {
  return LATENCY_MS.least + clock.random() * (LATENCY_MS.most - LATENCY_MS.least);
}

/** What a {@linkcode SimulatedConnection} needs. */
export interface ConnectionParts extends Around {
  readonly sessionMs: number | undefined;
  /** What happens to a request that is sent just now. */
  mishap(api: Api): Mishap | undefined;
}

/** A connection, which belongs to the program that opened it. */
export class SimulatedConnection implements BrokerConnection {
  readonly address: BrokerAddress;
  readonly sessionMs: number | undefined;
  readonly #parts: ConnectionParts;
  readonly #broker: Broker;
  readonly #program: Program | undefined;
  readonly #ended = Promise.withResolvers<ConnectionFailed>();
  readonly ended: Promise<ConnectionFailed> = this.#ended.promise;
  readonly #gone = new AbortController();
  readonly #inFlight = new Set<(failure: ConnectionFailed) => void>();
  readonly #openedAt = clock.now();
  #throttled = { from: Infinity, until: -Infinity };
  /** A broker handles one request of a connection at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #isSilent = false;
  /** It ended on the way: what this side has sent may not have arrived. */
  #isCut = false;
  isOpen = true;
  bytesReceived = 0;

  /**
   * Creates an open one.
   *
   * @param broker Where it leads to.
   * @param parts What it needs.
   */
  constructor(broker: Broker, parts: ConnectionParts) {
    this.#parts = parts;
    this.#program = parts.clock.program;
    this.#broker = broker;
    this.address = { host: broker.host, port: broker.port };
    this.sessionMs = parts.sessionMs;
  }

  send<A extends Api>(api: A, request: Requests[A]): Promise<Answers[A]> {
    const { promise, resolve, reject } = Promise.withResolvers<Answers[A]>();
    if (!this.isOpen) {
      reject(new ConnectionFailed("closed", "the connection has ended"));
      return promise;
    }
    this.#watch(api);
    this.#inFlight.add(reject);
    const mishap = this.#parts.mishap(api);
    this.#turn = this.#turn.then(async () => {
      const answer = await this.#exchange(api, request, mishap);
      if (answer === undefined || !this.isOpen) return;
      this.bytesReceived += ANSWER_BYTES;
      this.#inFlight.delete(reject);
      const { throttleMs } = answer;
      const from = clock.now();
      if (throttleMs > 0) this.#throttled = { from, until: from + throttleMs };
      resolve(answer);
    });
    return promise;
  }

  /** A client waits as long as it is bidden, and renews its authentication in time. */
  #watch(api: Api): void {
    // A program that stood still could not.
    if ((this.#program?.stoppedUntil ?? 0) > this.#openedAt) return;
    const { onBreach } = this.#parts;
    const { from, until } = this.#throttled;
    // What is sent in the moment of the answer has not seen it yet.
    if (clock.now() > from && clock.now() < until) {
      onBreach(`${api} was sent during a throttle`);
    }
    if (clock.now() - this.#openedAt > (this.sessionMs ?? Infinity)) {
      onBreach(`${api} was sent after the end of the session`);
    }
  }

  /** Undefined: no answer comes. */
  async #exchange<A extends Api>(
    api: A,
    request: Requests[A],
    mishap: Mishap | undefined,
  ): Promise<Answers[A] | undefined> {
    const { cluster, onMishap } = this.#parts;
    // What is on its way or at the broker goes on when the program stands still, or has ended.
    await this.#after(undefined, latency());
    if (this.#isSilent || this.#isCut) return undefined;
    if (!this.#broker.isUp) {
      this.#end(new ConnectionFailed("network", "connection reset"));
      return undefined;
    }
    if (mishap !== undefined) onMishap(mishap, api);
    if (mishap === "lose request") this.#isSilent = true;
    if (mishap === "reset") this.#end(new ConnectionFailed("network", "connection reset"));
    if (this.#isSilent || this.#isCut) return undefined;
    const handle = () => {
      const { nodeId } = this.#broker;
      const { signal } = this.#gone;
      return this.#parts.clock.as(undefined, () => cluster.handle(nodeId, api, request, signal));
    };
    if (mishap === "duplicate") void handle();
    const answer = await handle();
    if (mishap === "lose answer") this.#isSilent = true;
    if (mishap === "half answer") this.#end(new ConnectionFailed("network", "half an answer"));
    if (this.#isSilent || !this.isOpen) return undefined;
    const lateMs = mishap === "delay" ? clock.random() * LATE_MS : 0;
    await this.#after(this.#program, latency() + lateMs);
    if (mishap === "stall answer") {
      this.bytesReceived += ANSWER_BYTES / 2;
      this.#isSilent = true;
    }
    if (this.#isSilent) return undefined;
    const throttleMs = mishap === "throttle" ? THROTTLE_MS : 0;
    return { ...answer, throttleMs } as Answers[A];
  }

  #after(program: Program | undefined, milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#parts.clock.timerOf(program, milliseconds, resolve);
    return promise;
  }

  cutIf(nodeId: number): void {
    if (this.#broker.nodeId === nodeId) {
      this.#end(new ConnectionFailed("network", "connection reset"));
    }
  }

  /** What it has sent still arrives. */
  closeIfOf(program: Program): void {
    if (this.#program === program) this.close();
  }

  silenceIf(nodeId: number): void {
    if (this.#broker.nodeId === nodeId) this.#isSilent = true;
  }

  close(reason = "closed by this program"): void {
    this.#end(new ConnectionFailed("closed", reason));
  }

  #end(failure: ConnectionFailed): void {
    this.#isCut ||= failure.kind === "network";
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#gone.abort();
    this.#ended.resolve(failure);
    for (const reject of this.#inFlight) reject(failure);
    this.#inFlight.clear();
  }
}
