/**
 * The other side of a client, played by the test: it sees every request, and
 * answers with whatever record the test likes.
 *
 * @module
 */
import { type Client, connect } from "../../src/client/client.ts";
import type { ConnectOptions } from "../../src/client/options.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { HEADER } from "../../src/wire/headers.ts";
import type { IncomingRecord } from "../../src/wire/record.ts";
import type { Outcome } from "../../src/wire/outcome.ts";
import { type ServerReceipt, writeReceipt } from "../../src/wire/receipt.ts";
import { writeReply } from "../../src/wire/reply.ts";
import { readRequest, type Request } from "../../src/wire/request.ts";
import { Arrivals } from "../arrivals.ts";

/** A client, and its other side. */
export class Peer implements AsyncDisposable {
  /** The client under test. */
  readonly client: Client;
  /** Every record that the client produced. */
  readonly requests: Arrivals<IncomingRecord> = new Arrivals<IncomingRecord>();
  readonly #broker: MemoryBroker;
  readonly #transport: Transport;

  private constructor(broker: MemoryBroker, transport: Transport, client: Client) {
    this.#broker = broker;
    this.#transport = transport;
    this.client = client;
  }

  /** Connects a client, with `partitions` of the results topic; a hook may hold acknowledgements. */
  static async connect(
    options: Omit<ConnectOptions, "transport"> = {},
    partitions = 1,
    hooks: { afterProduce?: () => Promise<void> } = {},
  ): Promise<Peer> {
    const broker = new MemoryBroker();
    broker.createTopic("commands");
    broker.createTopic("commands_results", partitions);
    const transport = broker.transport();
    // The test is the server, and no member of any consumer group.
    const theirs = broker.transport();
    const produce = theirs.produce.bind(theirs);
    theirs.produce = async (record) => {
      await produce(record);
      await hooks.afterProduce?.();
    };
    // As many as the topics have, so that the log has no line about it.
    const defaults = { waitForServer: true, createTopics: { partitions: 1 } };
    const client = await connect({ ...defaults, ...options, transport: theirs });
    const peer = new Peer(broker, transport, client);
    const onRecord = peer.requests.push;
    await transport.read({ topic: "commands", partition: 0, onRecord });
    return peer;
  }

  /** Joins the servers' group, so that a server listens; it answers nothing by itself. */
  async serveNothing(): Promise<void> {
    await this.#transport.consume({
      topic: "commands",
      group: "commands-servers",
      ready: () => undefined,
      onRecord: () => {},
      onAssigned: () => {},
    });
  }

  /** The request at a place, as a server reads it. */
  async request(index: number): Promise<Request> {
    const read = readRequest(await this.requests.at(index));
    if (read.kind !== "request") throw new Error(`the client sent a record that is ${read.kind}`);
    return read.request;
  }

  /** Replies to a request. */
  reply(
    { id, replyTopic, replyPartition }: Request,
    outcome: Outcome,
    receipt?: ServerReceipt,
  ): void {
    const key = new TextEncoder().encode(id);
    const address = { topic: replyTopic!, partition: replyPartition, key, id };
    const said = receipt && writeReceipt(receipt);
    this.#broker.append(writeReply(address, outcome, { server: "peer", receipt: said }));
  }

  /** Puts any record on the results topic, in the partition the client reads. */
  append(
    request: Request,
    record: {
      key?: Uint8Array | null;
      value?: Uint8Array | null;
      headers?: Record<string, string | Uint8Array>;
    },
  ): void {
    const { replyTopic, replyPartition, id } = request;
    const { key = new TextEncoder().encode(id), value = null, headers = {} } = record;
    this.#broker.append({
      topic: replyTopic!,
      partition: replyPartition,
      key,
      value,
      headers: { [HEADER.version]: "1", ...headers },
    });
  }

  /** What the client has said on the control topic. */
  controls(): readonly IncomingRecord[] {
    return this.#broker.partitions("commands_control")[0]!.records;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.#transport.close();
  }
}
