/**
 * The way between programs and brokers: it delays, loses, cuts, refuses and throttles.
 *
 * @module
 */
import { delay } from "../../src/async/delay.ts";
import {
  type Api,
  type BrokerAddress,
  type BrokerConnection,
  ConnectionFailed,
  type KafkaProtocol,
  type OpenOptions,
} from "../../src/transport/kafka/port.ts";
import type { Broker, SimulatedCluster } from "./cluster.ts";
import { latency, SimulatedConnection } from "./connection.ts";
import type { Program, VirtualClock } from "./virtual_clock.ts";

/** What can happen to a request. */
export const MISHAPS = [
  /** The connection swallows it, and all that follows. */
  "lose request",
  /** The broker handles it; its answer never comes, nor does any other on that connection. */
  "lose answer",
  /** The broker handles it; its answer begins, and the rest never comes. */
  "stall answer",
  /** The broker handles it; the connection ends in the middle of the answer. */
  "half answer",
  /** The connection ends before the broker has it. */
  "reset",
  /** The answer comes seconds late; those of other connections overtake it. */
  "delay",
  /** The broker handles it twice, as after a retry of something in between. */
  "duplicate",
  /** The answer says that the client must wait. */
  "throttle",
] as const;

/** One of them. */
export type Mishap = typeof MISHAPS[number];

/** Something that decides how requests fare; there may be several at a time. */
export interface Weather {
  /** What happens to this request; undefined: nothing. */
  readonly mishap?: (api: Api) => Mishap | undefined;
  /** A broker that no connection can be opened to. */
  readonly unreachable?: number;
}

/** What a network lies between, and who hears of what happens. */
export interface Around {
  readonly clock: VirtualClock;
  readonly cluster: SimulatedCluster;
  /** Called with each request that a mishap met. */
  readonly onMishap: (mishap: Mishap, api: Api) => void;
  /** Called with what no client may do. */
  readonly onBreach: (what: string) => void;
}

/** The port over simulated brokers. */
export class SimulatedNetwork implements KafkaProtocol {
  readonly #around: Around;
  readonly #connections = new Set<SimulatedConnection>();
  readonly weathers: Set<Weather> = new Set();
  /** How long brokers accept an authentication; undefined for without end. */
  sessionMs: number | undefined;

  /**
   * Creates a network.
   *
   * @param around What it lies between.
   */
  constructor(around: Around) {
    this.#around = around;
  }

  async open(address: BrokerAddress, { signal }: OpenOptions): Promise<BrokerConnection> {
    await delay(latency(), { signal });
    signal.throwIfAborted();
    const broker = this.#around.cluster.brokers.find(({ host, port }) => {
      return host === address.host && port === address.port;
    });
    if (broker === undefined) throw new ConnectionFailed("network", `no host ${address.host}`);
    if (!broker.isUp) throw new ConnectionFailed("network", `${address.host} refused`);
    if ([...this.weathers].some(({ unreachable }) => unreachable === broker.nodeId)) {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      return await promise;
    }
    return this.#connect(broker);
  }

  #connect(broker: Broker): BrokerConnection {
    const connection = new SimulatedConnection(broker, {
      ...this.#around,
      sessionMs: this.sessionMs,
      mishap: (api) => {
        for (const weather of this.weathers) {
          const mishap = weather.mishap?.(api);
          if (mishap !== undefined) return mishap;
        }
        return undefined;
      },
    });
    this.#connections.add(connection);
    void connection.ended.then(() => this.#connections.delete(connection));
    return connection;
  }

  /** Ends every connection to a broker. */
  cut(nodeId: number): void {
    for (const connection of this.#connections) connection.cutIf(nodeId);
  }

  /** Ends every connection of a program, as the system does when it has ended. */
  closeOf(program: Program): void {
    for (const connection of this.#connections) connection.closeIfOf(program);
  }

  /** Swallows what goes over the connections to a broker, without a word. */
  silence(nodeId: number): void {
    for (const connection of this.#connections) connection.silenceIf(nodeId);
  }
}
