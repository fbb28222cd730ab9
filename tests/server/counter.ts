/**
 * A server with the test in front of it: it puts any record on the commands
 * topic, and sees every reply.
 *
 * @module
 */
import type { ServeOptions } from "../../src/server/options.ts";
import { serve, type Server } from "../../src/server/server.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { codecsWith } from "../../src/wire/codecs/codecs.ts";
import { HEADER } from "../../src/wire/headers.ts";
import { textOf } from "../../src/wire/utf8.ts";
import type { IncomingRecord } from "../../src/wire/record.ts";
import { Arrivals } from "../arrivals.ts";

const codec = codecsWith();
const utf8 = (text: string) => new TextEncoder().encode(text);

/** A reply as a test looks at it. */
export interface SeenReply {
  /** Its key as text. */
  readonly key: string | null;
  /** Its value, decoded where it is ok, else its text. */
  readonly value: unknown;
  /** Header rpc-status. */
  readonly status: string | undefined;
  /** Message of header rpc-error; empty where there is none. */
  readonly message: string;
  /** Every header as text. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where it came. */
  readonly partition: number;
}

function seen(record: IncomingRecord): SeenReply {
  const headers = Object.fromEntries(
    [...record.headers].map(([name, value]) => [name, textOf(value) ?? "not UTF-8"]),
  );
  const contentType = headers[HEADER.contentType] ?? "application/json";
  const error = headers[HEADER.error];
  return {
    key: record.key && (textOf(record.key) ?? "not UTF-8"),
    value: record.value && codec.decode({ bytes: record.value, contentType }),
    status: headers[HEADER.status],
    message: error === undefined ? "" : JSON.parse(error).message,
    headers,
    partition: record.partition,
  };
}

/** A record for the commands topic; strings stand for their UTF-8. */
export interface Sent {
  key?: string | Uint8Array | null;
  value?: string | Uint8Array | null;
  headers?: Record<string, string | Uint8Array>;
}

/** A server, and the counter it serves at. */
export class Counter implements AsyncDisposable {
  /** The server under test. */
  readonly server: Server;
  /** The broker in between. */
  readonly broker: MemoryBroker;
  /** Every reply on the results topic. */
  readonly replies: Arrivals<SeenReply> = new Arrivals<SeenReply>();
  readonly #transport: Transport;

  private constructor(broker: MemoryBroker, transport: Transport, server: Server) {
    this.broker = broker;
    this.#transport = transport;
    this.server = server;
  }

  /** Starts a server, quiet, with `partitions` of the results topic; perhaps where another one was. */
  static async open(
    options: Omit<ServeOptions, "transport">,
    partitions = 1,
    broker: MemoryBroker = new MemoryBroker(),
  ): Promise<Counter> {
    broker.createTopic("commands_results", partitions);
    const transport = broker.transport();
    // As many as the topics have, so that the log has no line about it.
    const defaults = { logger: silentLogger, createTopics: { partitions: 1 } };
    const server = await serve({ ...defaults, ...options, transport: broker.transport() });
    const counter = new Counter(broker, transport, server);
    for (let partition = 0; partition < partitions; partition++) {
      const onRecord = (record: IncomingRecord) => counter.replies.push(seen(record));
      await transport.read({ topic: "commands_results", partition, onRecord });
    }
    return counter;
  }

  /** Puts any record on the commands topic. */
  append({ key = null, value = null, headers = {} }: Sent): void {
    const bytes = (part: string | Uint8Array | null) =>
      typeof part === "string" ? utf8(part) : part;
    this.broker.append({ topic: "commands", key: bytes(key), value: bytes(value), headers });
  }

  /** Puts a good request on the commands topic, its id being the key. */
  send(id: string, command: string, input?: unknown, headers: Record<string, string> = {}): void {
    const { bytes, contentType } = codec.encode(input);
    this.append({
      key: id,
      value: bytes,
      headers: {
        [HEADER.version]: "1",
        [HEADER.command]: command,
        [HEADER.contentType]: contentType,
        ...headers,
      },
    });
  }

  /** The reply to an id. */
  async reply(id: string): Promise<SeenReply> {
    const named = ({ key, headers }: SeenReply) => headers[HEADER.id] === id || key === id;
    const replies = await this.replies.until((all) => all.some(named), `the reply to ${id}`);
    return replies.find(named)!;
  }

  /** Sends a request and waits for its reply. */
  async ask(
    command: string,
    input?: unknown,
    headers: Record<string, string> = {},
  ): Promise<SeenReply> {
    const id = crypto.randomUUID();
    this.send(id, command, input, headers);
    return await this.reply(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
    await this.#transport.close();
  }
}
