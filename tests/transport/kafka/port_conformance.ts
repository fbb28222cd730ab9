/**
 * What every protocol library gives its core, as tests: the same for a real
 * broker and for a simulated one. Where they differ, the simulated one is wrong.
 *
 * @module
 */
import { delay } from "../../../src/async/delay.ts";
import type {
  Answers,
  Api,
  BrokerAddress,
  BrokerConnection,
  KafkaProtocol,
  Requests,
} from "../../../src/transport/kafka/port.ts";
import { conformanceOfCommits } from "./port_conformance_commits.ts";
import { conformanceOfFetch } from "./port_conformance_fetch.ts";
import { conformanceOfGroups } from "./port_conformance_groups.ts";
import { conformanceOfSessions } from "./port_conformance_sessions.ts";
import { conformanceOfTopics } from "./port_conformance_topics.ts";

/** A cluster and the library to reach it by. */
export interface PortUnderTest extends AsyncDisposable {
  /** The library. */
  readonly protocol: KafkaProtocol;
  /** A broker. */
  readonly bootstrap: BrokerAddress;
  /** Runs a test; a simulation lets its time pass until that is done. */
  run(test: Promise<void>): Promise<void>;
  /** Deletes a topic, by whatever means. */
  deleteTopic(topic: string): Promise<void>;
  /** Deletes the records of partition 0 that come before an offset. */
  deleteRecords(topic: string, before: bigint): Promise<void>;
  /** Writes one record to partition 0 in a transaction, calls back, and ends it. */
  transaction(
    topic: string,
    end: "commit" | "abort",
    whileOpen: () => Promise<void>,
  ): Promise<void>;
}

/** Declares a test: its name, and what it does with a library and connections. */
export type Declare = (name: string, test: (bench: PortBench) => Promise<void>) => void;

/**
 * Declares the tests.
 *
 * @param name Name of the cluster, at the beginning of the name of each test.
 * @param open Gives a cluster; it is closed after the test.
 */
export function portConformance(name: string, open: () => Promise<PortUnderTest>): void {
  const declare: Declare = (what, test) => {
    Deno.test(`${name}: ${what}`, async () => {
      await using port = await open();
      await port.run(runOn(port, test));
    });
  };
  conformanceOfTopics(declare);
  conformanceOfFetch(declare);
  conformanceOfGroups(declare);
  conformanceOfCommits(declare);
  conformanceOfSessions(declare);
}

async function runOn(
  port: PortUnderTest,
  test: (bench: PortBench) => Promise<void>,
): Promise<void> {
  using bench = new PortBench(port);
  await test(bench);
}

/** Between two looks at something that comes about by itself. */
const LOOK_MS = 20;

/** A library, and connections to one broker which leads everything; closed with the test. */
export class PortBench implements Disposable {
  /** What is tested. */
  readonly port: PortUnderTest;
  readonly #connections: BrokerConnection[] = [];
  readonly #end = new AbortController();

  /** Connects to nothing yet. */
  constructor(port: PortUnderTest) {
    this.port = port;
  }

  /** Opens a connection; one of its own for whatever parks. */
  async connect(address: BrokerAddress = this.port.bootstrap): Promise<BrokerConnection> {
    const { signal } = this.#end;
    const options = { clientId: "conformance", background: false, signal };
    const connection = await this.port.protocol.open(address, options);
    this.#connections.push(connection);
    return connection;
  }

  /** Sends over a connection that nothing parks on. */
  async send<A extends Api>(api: A, request: Requests[A]): Promise<Answers[A]> {
    const connection = this.#connections[0] ?? await this.connect();
    return await connection.send(api, request);
  }

  /** Asks again and again until an answer is as expected. */
  async until<T>(ask: () => Promise<T>, isExpected: (answer: T) => boolean): Promise<T> {
    while (true) {
      const answer = await ask();
      if (isExpected(answer)) return answer;
      await delay(LOOK_MS, { signal: this.#end.signal });
    }
  }

  /** Creates a topic, and waits until its partitions have leaders. */
  async topic(partitions = 1): Promise<string> {
    const topic = `conformance-${crypto.randomUUID()}`;
    const topics = [{ topic, partitions, replicationFactor: -1 }];
    await this.send("CreateTopics", { timeoutMs: 5_000, topics });
    // A broker may name a leader before that leads.
    const list = () =>
      this.send("ListOffsets", {
        partitions: Array.from({ length: partitions }, (_, partition) => {
          return { topic, partition, timestamp: -1n };
        }),
      });
    await this.until(list, (answer) => answer.partitions.every(({ error }) => error === 0));
    return topic;
  }

  /** Produces records of these sizes to partition 0, one batch; the offset of the first. */
  async produce(topic: string, ...bytes: number[]): Promise<bigint> {
    const records = bytes.map((count) => {
      return { topic, key: null, value: new Uint8Array(count), headers: {} };
    });
    const partitions = [{ topic, partition: 0, records, timestamp: 1_700_000_000_000 }];
    const answer = await this.send("Produce", { timeoutMs: 5_000, partitions });
    return answer.partitions[0]!.baseOffset;
  }

  /** Closes every connection. */
  [Symbol.dispose](): void {
    this.#end.abort();
    for (const connection of this.#connections) connection.close();
  }
}
