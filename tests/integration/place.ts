/**
 * A server and a client on topics of their own, on the real broker.
 *
 * @module
 */
import { type Client, connect } from "../../src/client/client.ts";
import type { ConnectOptions } from "../../src/client/options.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { serve, type Server } from "../../src/server/server.ts";
import { type KafkaLibrary, protocolBehind } from "../../src/transport/kafka/kafka_library.ts";
import { KafkaTransport } from "../../src/transport/kafka/kafka_transport.ts";
import { kafkajsProtocol } from "../../src/transport/kafka/kafkajs/protocol.ts";
import { ProduceRetries } from "../../src/transport/produce_retries.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import type { IncomingRecord, OutgoingRecord } from "../../src/wire/record.ts";
import { Arrivals } from "../arrivals.ts";
import { libraryUnderTest } from "../library_under_test.ts";

let library = libraryUnderTest;

/** Whatever happens in a place from now on is by this library. */
export function useLibrary(another: KafkaLibrary): void {
  library = another;
}

/** Where a test works. Disposing of it closes everything that was opened here. */
export class Place implements AsyncDisposable {
  /** The commands topic, of this test alone. */
  readonly topic: string = `test-${crypto.randomUUID()}`;
  /** The results topic. */
  readonly resultsTopic: string = `${this.topic}_results`;
  readonly #opened = new AsyncDisposableStack();
  #raw: Promise<KafkaTransport> | undefined;

  /** Starts a server here, quiet. */
  async serve(options: Omit<ServeOptions, "topic">): Promise<Server> {
    return this.#opened.use(
      await serve({ library, logger: silentLogger, topic: this.topic, ...options }),
    );
  }

  /** Connects a client here. */
  async connect(options: Omit<ConnectOptions, "topic"> = {}): Promise<Client> {
    return this.#opened.use(await connect({ library, topic: this.topic, ...options }));
  }

  /** Creates the topics before anybody else does. */
  async createTopics(partitions: { commands?: number; results?: number }): Promise<void> {
    const transport = await this.#transport();
    await transport.ensureTopics([
      { topic: this.topic, partitions: partitions.commands },
      { topic: this.resultsTopic, partitions: partitions.results },
      { topic: `${this.topic}_control` },
    ], { create: true });
  }

  /** Produces any record, as kcat would. */
  async produce(
    record: {
      topic: string;
      key?: Uint8Array | string | null;
      value?: Uint8Array | string | null;
      headers?: OutgoingRecord["headers"];
      partition?: number;
    },
  ): Promise<void> {
    const bytes = (part: Uint8Array | string | null) =>
      typeof part === "string" ? new TextEncoder().encode(part) : part;
    const { key = null, value = null, headers = {} } = record;
    using sending = new ProduceRetries(await this.#transport(), { background: false });
    await sending.produce({ ...record, key: bytes(key), value: bytes(value), headers });
  }

  /** Sees every record of the results topic from now on. */
  results(): Promise<Arrivals<IncomingRecord>> {
    return this.read(this.resultsTopic);
  }

  /** Sees every record of a topic from now on. */
  async read(topic: string): Promise<Arrivals<IncomingRecord>> {
    const seen = new Arrivals<IncomingRecord>();
    const transport = await this.#transport();
    const count = await transport.partitionsOf(topic);
    for (let partition = 0; partition < count; partition++) {
      await transport.read({ topic, partition, onRecord: seen.push });
    }
    return seen;
  }

  /** Closes what was opened, the last first. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }

  #transport(): Promise<KafkaTransport> {
    return this.#raw ??= (async () => {
      const role = { background: false, protocol: protocolBehind(library) ?? kafkajsProtocol };
      const transport = this.#opened.use(new KafkaTransport({}, role));
      await transport.connect({ timeoutMs: 10_000 });
      return transport;
    })();
  }
}

/** The text of bytes. */
export const textOf = (bytes: Uint8Array | null | undefined): string | null =>
  bytes ? new TextDecoder().decode(bytes) : null;
