/**
 * A server and clients that sign, in memory, and whoever else writes to their topics.
 *
 * @module
 */
import { type Client, connect } from "../../src/client/client.ts";
import type { ConnectOptions } from "../../src/client/options.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { serve, type Server } from "../../src/server/server.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import type { IncomingRecord, OutgoingRecord } from "../../src/wire/record.ts";
import { textOf } from "../../src/wire/utf8.ts";
import { Arrivals } from "../arrivals.ts";
import { RecordingLogger } from "../recording_logger.ts";
import { ALICE, CALLERS, SERVER, SERVERS } from "./keys.ts";

const createTopics = { partitions: 1 };

/** Both sides and the broker between them. */
export class SignedSides implements AsyncDisposable {
  readonly broker: MemoryBroker = new MemoryBroker();
  readonly logger: RecordingLogger = new RecordingLogger();
  /** Every record of the results topic. */
  readonly replies: Arrivals<IncomingRecord> = new Arrivals<IncomingRecord>();
  /** Every record of the first partition of the commands topic. */
  readonly requests: Arrivals<IncomingRecord> = new Arrivals<IncomingRecord>();
  /** How often each command ran, and for whom. */
  readonly ran: string[] = [];
  readonly #opened = new AsyncDisposableStack();

  static async open(partitions = 1): Promise<SignedSides> {
    const sides = new SignedSides();
    sides.broker.createTopic("commands", partitions);
    sides.broker.createTopic("commands_results");
    const transport = sides.#opened.use(sides.broker.transport());
    await transport.read({ topic: "commands_results", partition: 0, onRecord: sides.replies.push });
    await transport.read({ topic: "commands", partition: 0, onRecord: sides.requests.push });
    return sides;
  }

  /** Starts a server that takes the requests of alice and bob. */
  async serve(options: Partial<ServeOptions> = {}): Promise<Server> {
    const { ran } = this;
    const commands = {
      whoami: (_: unknown, context: { principal?: string | undefined }) => {
        ran.push(context.principal ?? "nobody");
        return context.principal ?? null;
      },
    };
    const signing = { sign: SERVER, verify: CALLERS };
    const given = { commands, createTopics, logger: this.logger, ...signing, ...options };
    return this.#opened.use(await serve({ ...given, transport: this.broker.transport() }));
  }

  /** Connects alice, who takes the replies of the server alone. */
  async connect(options: ConnectOptions = {}): Promise<Client> {
    const signing = { sign: ALICE, verify: SERVERS };
    const given = { createTopics, logger: this.logger, ...signing, ...options };
    return this.#opened.use(await connect({ ...given, transport: this.broker.transport() }));
  }

  /** Resolves when a record was put on the commands topic, before or after. */
  async produced(): Promise<void> {
    await this.requests.first(1);
  }

  /** The last record of the commands topic. */
  get request(): IncomingRecord {
    return this.broker.partitions("commands").flatMap(({ records }) => records).at(-1)!;
  }

  /** Puts a record there once more, changed. */
  replay(record: IncomingRecord, changes: Partial<OutgoingRecord> = {}): void {
    const { topic, key, value, partition } = record;
    const headers = { ...Object.fromEntries(record.headers), ...changes.headers };
    this.broker.append({ topic, key, value, partition, ...changes, headers });
  }

  /** The reply at a place: status and message. */
  async reply(index: number): Promise<{ status: string; message: string }> {
    return seen(await this.replies.at(index));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

/** What a record of the results topic says. */
export function seen({ headers }: IncomingRecord): { status: string; message: string } {
  const text = (name: string) => textOf(headers.get(name) ?? new Uint8Array(0)) ?? "";
  const error = text("rpc-error");
  return { status: text("rpc-status"), message: error === "" ? "" : JSON.parse(error).message };
}
