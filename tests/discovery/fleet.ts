// Servers that share a topic, and clients that ask them.
import type { Client } from "../../src/client/client.ts";
import { connect } from "../../src/client/client.ts";
import type { ConnectOptions } from "../../src/client/options.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import type { ServeOptions } from "../../src/server/options.ts";
import { serve, type Server } from "../../src/server/server.ts";
import type { ServerDetail } from "../../src/wire/discovery.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";

export class Fleet implements AsyncDisposable {
  readonly broker = new MemoryBroker();
  readonly #opened = new AsyncDisposableStack();

  constructor() {
    // One partition, so that a stranger sees every answer.
    this.broker.createTopic("commands_results");
  }

  async serve(options: Partial<ServeOptions> = {}): Promise<Server> {
    const around = { transport: this.broker.transport(), logger: silentLogger };
    const commands = options.executor ? undefined : { add };
    return this.#opened.use(await serve({ commands, ...around, ...options }));
  }

  async connect(options: Omit<ConnectOptions, "transport"> = {}): Promise<Client> {
    return this.#opened.use(await connect({ ...options, transport: this.broker.transport() }));
  }

  /** A member of the group that answers nothing, as one of an earlier version. */
  silent(): Promise<Server> {
    return this.serve({ cancellation: false });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

export const add = ({ a, b }: { a: number; b: number }): number => a + b;

/** Asks them, and waits as long as a starved machine may take. */
export function ask<Detail extends ServerDetail>(client: Client, detail: Detail) {
  return client.servers({ detail, timeoutMs: 60_000 });
}
