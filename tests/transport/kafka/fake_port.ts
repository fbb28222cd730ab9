/**
 * A protocol library whose brokers the test plays.
 *
 * @module
 */
import { LogThrottle } from "../../../src/logging/log_throttle.ts";
import { silentLogger } from "../../../src/logging/logger.ts";
import { Cluster } from "../../../src/transport/kafka/cluster.ts";
import type { Credentials } from "../../../src/transport/kafka/credentials.ts";
import { Patience } from "../../../src/transport/kafka/patience.ts";
import {
  type Answers,
  type Api,
  type BrokerAddress,
  type BrokerConnection,
  ConnectionFailed,
  type KafkaProtocol,
  type OpenOptions,
  type Requests,
} from "../../../src/transport/kafka/port.ts";
import { Arrivals } from "../../arrivals.ts";

/** A request as it came to a broker. */
export interface Asked<A extends Api = Api> {
  readonly port: number;
  readonly api: A;
  readonly request: Requests[A];
}

/** Answers a request; a promise that stays open is a broker that does not answer. */
export type Answer = (asked: Asked) => unknown;

/** What never comes. */
export const never = <T>(): Promise<T> => new Promise(() => {});

/** A protocol whose brokers have only ports. */
export class FakePort implements KafkaProtocol {
  readonly opens = new Arrivals<number>();
  /** Which address of a name each opening began with. */
  readonly attempts: (number | undefined)[] = [];
  readonly asked = new Arrivals<Asked>();
  readonly connections: FakeConnection[] = [];
  /** How a broker takes connections; default: at once. */
  opening: (port: number) => Promise<void> | undefined = () => undefined;
  sessionMs: number | undefined;
  /** TLS and SASL of each opening. */
  readonly logins: Pick<OpenOptions, "ssl" | "sasl">[] = [];
  /** Credentials of the clusters that are made from here on, where they can change. */
  credentials: Credentials | undefined;
  /** Login of the clusters that are made from here on. */
  sasl: OpenOptions["sasl"];
  readonly answer: Answer;

  constructor(answer: Answer) {
    this.answer = answer;
  }

  async open(address: BrokerAddress, options: OpenOptions): Promise<BrokerConnection> {
    const { signal, attempt, ssl, sasl } = options;
    this.opens.push(address.port);
    this.attempts.push(attempt);
    this.logins.push({ ssl, sasl });
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    await Promise.race([this.opening(address.port), promise]);
    const connection = new FakeConnection(this, address);
    this.connections.push(connection);
    return connection;
  }

  /** A cluster over it, with these bootstrap ports. */
  cluster(...ports: number[]): Cluster {
    return new Cluster({
      protocol: this,
      bootstrap: ports.map((port) => ({ host: "b", port })),
      patience: new Patience(1_250, 10_000),
      throttles: new LogThrottle(silentLogger, { intervalMs: 1 }),
      open: { clientId: "test", background: true, sasl: this.sasl },
      credentials: this.credentials,
    });
  }
}

/** One connection to a played broker. */
export class FakeConnection implements BrokerConnection {
  readonly address: BrokerAddress;
  readonly sessionMs: number | undefined;
  readonly #ended = Promise.withResolvers<ConnectionFailed>();
  readonly ended: Promise<ConnectionFailed> = this.#ended.promise;
  readonly #port: FakePort;
  isOpen = true;
  bytesReceived = 0;

  constructor(port: FakePort, address: BrokerAddress) {
    this.#port = port;
    this.address = address;
    this.sessionMs = port.sessionMs;
  }

  async send<A extends Api>(api: A, request: Requests[A]): Promise<Answers[A]> {
    const asked = { port: this.address.port, api, request };
    this.#port.asked.push(asked);
    const lost = this.ended.then((failure) => Promise.reject(failure));
    const answer = await Promise.race([this.#port.answer(asked), lost]) as Answers[A];
    this.bytesReceived += 100;
    return answer;
  }

  close(reason = "closed by this side"): void {
    this.fail(new ConnectionFailed("closed", reason));
  }

  /** Ends it, as the network does. */
  fail(failure: ConnectionFailed): void {
    this.isOpen = false;
    this.#ended.resolve(failure);
  }
}

/** The answer to Metadata: node 1 at port 1 and so on, and partition leaders by topic. */
export function metadata(
  nodes: number,
  topics: Readonly<Record<string, readonly number[] | { error: number }>> = {},
): Answer {
  return ({ request }) => ({
    throttleMs: 0,
    brokers: Array.from({ length: nodes }, (_, i) => ({ nodeId: i + 1, host: "b", port: i + 1 })),
    controllerId: 1,
    topics: (request as Requests["Metadata"]).topics.map((topic) => {
      const found = topics[topic] ?? { error: 3 };
      if ("error" in found) return { topic, error: found.error, partitions: [] };
      const partitions = found.map((leader, partition) => ({ partition, leader, error: 0 }));
      return { topic, error: 0, partitions };
    }),
  });
}
