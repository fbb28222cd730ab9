/**
 * Servers and clients of streams on one broker in memory, and what their commands did.
 *
 * @module
 */
import { type Client, connect } from "../../src/client/client.ts";
import type { ConnectOptions } from "../../src/client/options.ts";
import type { CommandTable } from "../../src/executor/in_process.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { serve, type Server } from "../../src/server/server.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";
import type { IncomingRecord } from "../../src/wire/record.ts";
import { Arrivals } from "../arrivals.ts";

/** Where the tests of streams meet. Disposing of it closes everything that was opened here. */
export class Hall implements AsyncDisposable {
  /** The broker in between. */
  readonly broker: MemoryBroker = new MemoryBroker();
  /** What commands said, in order. */
  readonly said: Arrivals<string> = new Arrivals<string>();
  readonly #opened = new AsyncDisposableStack();

  constructor() {
    for (const topic of ["commands", "commands_results", "commands_control"]) {
      this.broker.createTopic(topic);
    }
  }

  /** Starts a server, quiet. */
  async serve(options: Omit<ServeOptions, "transport">): Promise<Server> {
    const transport = this.broker.transport();
    return this.#opened.use(await serve({ logger: silentLogger, ...options, transport }));
  }

  /** Connects a client. */
  async connect(options: Omit<ConnectOptions, "transport"> = {}): Promise<Client> {
    return this.#opened.use(await connect({ ...options, transport: this.broker.transport() }));
  }

  /** A server of these commands in this process, and a client of it. */
  async both(commands: CommandTable, options: ServeOptions = {}): Promise<Client> {
    await this.serve({ commands, ...options });
    return await this.connect();
  }

  /** Every record of a topic, those before it included. */
  records(topic: string): readonly IncomingRecord[] {
    return this.broker.partitions(topic)[0]!.records;
  }

  /** Closes what was opened, the last first. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

/** All values of a stream. */
export const all = <T>(values: AsyncIterable<T>): Promise<T[]> => Array.fromAsync(values);

/** As many turns of the loop of events as everything that may happen at once needs. */
export async function turns(count = 50): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}
