/**
 * The way between programs and brokers: it delays, loses, cuts, refuses and throttles.
 *
 * @module
 */
import { clock } from "../../src/async/clock.ts";
import { delay } from "../../src/async/delay.ts";
import {
  type Answers,
  type Api,
  type BrokerAddress,
  type BrokerConnection,
  ConnectionFailed,
  type KafkaProtocol,
  type OpenOptions,
  type Requests,
} from "../../src/transport/kafka/port.ts";
import type { Broker, SimulatedCluster } from "./cluster.ts";
import type { Program, VirtualClock } from "./virtual_clock.ts";

/** What can happen to a request. */
export const MISHAPS = [
  /** The connection swallows it, and all that follows. */
  "lose request",
  /** The broker handles it; its answer never comes, nor does any other on that connection. */
  "lose answer",
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

/** One of them, or: the broker handles it, its answer begins, and its rest never comes. */
export type Mishap = typeof MISHAPS[number] | "stall answer";

/** What decides how requests fare. */
export interface Weather {
  /** What happens to this request; undefined: nothing. */
  mishap(api: Api): Mishap | undefined;
  /** Whether a connection can be opened just now. */
  reachable(broker: Broker): boolean;
}

/** What a network lies between. */
export interface Around {
  readonly clock: VirtualClock;
  readonly cluster: SimulatedCluster;
}

/** Nothing happens. */
export const FAIR: Weather = { mishap: () => undefined, reachable: () => true };

const LATENCY_MS = { least: 0.2, most: 2 };
const LATE_MS = 3_000;
const THROTTLE_MS = 700;
const ANSWER_BYTES = 100;

/** The port over simulated brokers. */
export class SimulatedNetwork implements KafkaProtocol {
  readonly #around: Around;
  readonly #connections = new Set<SimulatedConnection>();
  weather: Weather = FAIR;

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
    if (!this.weather.reachable(broker)) {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      return await promise;
    }
    const connection = new SimulatedConnection(this.#around, broker, () => this.weather);
    this.#connections.add(connection);
    void connection.ended.then(() => this.#connections.delete(connection));
    return connection;
  }

  /** Ends every connection to a broker. */
  cut(nodeId: number): void {
    for (const connection of this.#connections) connection.cutIf(nodeId);
  }

  /** Ends every connection of a program, as the system does when it has ended. */
  cutProgram(program: Program): void {
    for (const connection of this.#connections) connection.cutIfOf(program);
  }

  /** Swallows what goes over the connections to a broker, without a word. */
  silence(nodeId: number): void {
    for (const connection of this.#connections) connection.silenceIf(nodeId);
  }
}

function latency(): number {
  return LATENCY_MS.least + clock.random() * (LATENCY_MS.most - LATENCY_MS.least);
}

class SimulatedConnection implements BrokerConnection {
  readonly address: BrokerAddress;
  readonly sessionMs = undefined;
  readonly #clock: VirtualClock;
  readonly #cluster: SimulatedCluster;
  readonly #broker: Broker;
  readonly #weather: () => Weather;
  readonly #program: Program | undefined;
  readonly #ended = Promise.withResolvers<ConnectionFailed>();
  readonly ended = this.#ended.promise;
  readonly #gone = new AbortController();
  readonly #inFlight = new Set<(failure: ConnectionFailed) => void>();
  /** A broker handles one request of a connection at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #isSilent = false;
  isOpen = true;
  bytesReceived = 0;

  constructor(
    { clock, cluster }: Around,
    broker: Broker,
    weather: () => Weather,
  ) {
    this.#clock = clock;
    this.#program = clock.program;
    this.#cluster = cluster;
    this.#broker = broker;
    this.#weather = weather;
    this.address = { host: broker.host, port: broker.port };
  }

  supports(): boolean {
    return true;
  }

  send<A extends Api>(api: A, request: Requests[A]): Promise<Answers[A]> {
    const { promise, resolve, reject } = Promise.withResolvers<Answers[A]>();
    if (!this.isOpen) {
      reject(new ConnectionFailed("closed", "the connection has ended"));
      return promise;
    }
    this.#inFlight.add(reject);
    const mishap = this.#weather().mishap(api);
    this.#turn = this.#turn.then(async () => {
      const answer = await this.#exchange(api, request, mishap);
      if (answer === undefined || !this.isOpen) return;
      this.bytesReceived += ANSWER_BYTES;
      this.#inFlight.delete(reject);
      resolve(answer);
    });
    return promise;
  }

  /** Undefined: no answer comes. */
  async #exchange<A extends Api>(
    api: A,
    request: Requests[A],
    mishap: Mishap | undefined,
  ): Promise<Answers[A] | undefined> {
    const signal = this.#gone.signal;
    await delay(latency(), { signal });
    if (mishap === "lose request") this.#isSilent = true;
    if (mishap === "reset") this.#end(new ConnectionFailed("network", "connection reset"));
    if (this.#isSilent || !this.isOpen) return undefined;
    if (!this.#broker.isUp) {
      this.#end(new ConnectionFailed("network", "connection reset"));
      return undefined;
    }
    // What a broker begins is not the program's that asked: it goes on when that has ended.
    const handle = () => {
      const { nodeId } = this.#broker;
      return this.#clock.as(undefined, () => this.#cluster.handle(nodeId, api, request, signal));
    };
    if (mishap === "duplicate") void handle();
    const answer = await handle();
    if (mishap === "lose answer") this.#isSilent = true;
    if (mishap === "half answer") this.#end(new ConnectionFailed("network", "half an answer"));
    await delay(latency() + (mishap === "delay" ? clock.random() * LATE_MS : 0), { signal });
    if (mishap === "stall answer") {
      this.bytesReceived += ANSWER_BYTES / 2;
      this.#isSilent = true;
    }
    if (this.#isSilent) return undefined;
    const throttleMs = mishap === "throttle" ? THROTTLE_MS : 0;
    return { ...answer, throttleMs } as Answers[A];
  }

  cutIf(nodeId: number): void {
    if (this.#broker.nodeId === nodeId) {
      this.#end(new ConnectionFailed("network", "connection reset"));
    }
  }

  cutIfOf(program: Program): void {
    if (this.#program === program) this.#end(new ConnectionFailed("network", "connection reset"));
  }

  silenceIf(nodeId: number): void {
    if (this.#broker.nodeId === nodeId) this.#isSilent = true;
  }

  close(reason = "closed by this program"): void {
    this.#end(new ConnectionFailed("closed", reason));
  }

  #end(failure: ConnectionFailed): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#gone.abort();
    this.#ended.resolve(failure);
    for (const reject of this.#inFlight) reject(failure);
    this.#inFlight.clear();
  }
}
