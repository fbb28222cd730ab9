// A client and a server in one process, for the tests of telemetry.
import { type Client, connect } from "../../src/client/client.ts";
import { silentLogger } from "../../src/logging/logger.ts";
import type { Interceptor } from "../../src/pipeline/call.ts";
import { RpcError } from "../../src/wire/errors.ts";
import { serve, type Server } from "../../src/server/server.ts";
import { MemoryBroker } from "../../src/transport/memory/broker.ts";

const commands = {
  add: ({ a, b }: { a: number; b: number }) => a + b,
  fail: () => {
    throw new RpcError("out_of_range", "Cannot divide: the divisor is 0. Give another one.");
  },
};

/** Both sides, each with an interceptor. */
export interface Sides extends AsyncDisposable {
  readonly client: Client;
  readonly server: Server;
}

/** Opens both sides over a broker in memory; `behind` stands behind the server's interceptor. */
export async function openSides(
  interceptors: {
    readonly client?: Interceptor;
    readonly server?: Interceptor;
    readonly behind?: Interceptor;
  } = {},
): Promise<Sides> {
  const broker = new MemoryBroker();
  const logger = silentLogger;
  const of = (interceptor: Interceptor | undefined) => interceptor ? [interceptor] : [];
  await using opened = new AsyncDisposableStack();
  const server = opened.use(
    await serve({
      commands,
      transport: broker.transport(),
      logger,
      interceptors: [...of(interceptors.server), ...of(interceptors.behind)],
    }),
  );
  const client = opened.use(
    await connect({
      transport: broker.transport(),
      logger,
      interceptors: of(interceptors.client),
    }),
  );
  const moved = opened.move();
  return { client, server, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}
