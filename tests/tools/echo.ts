/**
 * What the tests of the fault proxy connect: something that answers, and a client.
 *
 * @module
 */
import type { FaultProxy } from "../../tools/fault_proxy.ts";

/** A server that notes what it has read. */
export interface Echo extends AsyncDisposable {
  /** Where it listens. */
  readonly port: number;
  /** What it read, read by read. */
  readonly read: number[][];
}

/** Answers each piece of text that it reads with the same text, and notes what it read. */
export function echo(): Echo {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const read: number[][] = [];
  const open = new Set<Promise<void>>();
  const answer = async (connection: Deno.TcpConn) => {
    using held = connection;
    const bytes = new Uint8Array(1000);
    try {
      for (let count; (count = await held.read(bytes));) {
        read.push([...bytes.subarray(0, count)]);
        await held.write(bytes.subarray(0, count));
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    }
  };
  const serving = (async () => {
    for await (const connection of listener) open.add(answer(connection));
    await Promise.all(open);
  })();
  return {
    port: listener.addr.port,
    read,
    [Symbol.asyncDispose]: () => {
      listener.close();
      return serving;
    },
  };
}

/** One end of a connection. */
export interface End extends Disposable {
  /** Sends bytes. */
  write(bytes: number[] | Uint8Array): Promise<number>;
  /** So many bytes, or fewer where the connection ends before. */
  read(count: number): Promise<number[]>;
}

/** Connects to a proxy. */
export async function client(proxy: FaultProxy): Promise<End> {
  return endOf(await Deno.connect({ hostname: "127.0.0.1", port: proxy.port }));
}

/** One end of an open connection. */
export function endOf(connection: Deno.TcpConn): End {
  return {
    write: (bytes) => connection.write(new Uint8Array(bytes)),
    read: async (count) => {
      const got: number[] = [];
      while (got.length < count) {
        const bytes = new Uint8Array(count - got.length);
        const some = await connection.read(bytes);
        if (some === null) break;
        got.push(...bytes.subarray(0, some));
      }
      return got;
    },
    [Symbol.dispose]: () => connection.close(),
  };
}
