import { assert, assertEquals, assertRejects } from "@std/assert";
import { API, type FaultProxy, startFaultProxy } from "../../tools/fault_proxy.ts";
import { within } from "../within.ts";
import { encode } from "./fake_broker.ts";

/** Answers each piece of text that it reads with the same text, and notes what it read. */
function echo() {
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

async function client(proxy: FaultProxy) {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: proxy.port });
  return {
    write: (bytes: number[]) => connection.write(new Uint8Array(bytes)),
    /** So many bytes, or fewer where the connection ends before. */
    read: async (count: number) => {
      const got: number[] = [];
      const bytes = new Uint8Array(1000);
      while (got.length < count) {
        const some = await connection.read(bytes);
        if (some === null) break;
        got.push(...bytes.subarray(0, some));
      }
      return got;
    },
    [Symbol.dispose]: () => connection.close(),
  };
}

Deno.test("without a fault the proxy carries bytes and the end of a connection", async () => {
  await using server = echo();
  await using proxy = await startFaultProxy({ target: server.port });
  {
    using connection = await client(proxy);
    await connection.write([1, 2, 3]);
    assertEquals(await connection.read(3), [1, 2, 3]);
  }
  assertEquals(proxy.accepted, 1);
});

Deno.test("a stall keeps bytes back, and heal() lets them go on", async () => {
  await using server = echo();
  await using proxy = await startFaultProxy({ target: server.port });
  using connection = await client(proxy);
  await connection.write([1]);
  await connection.read(1);
  proxy.setFault({ stall: true });
  await connection.write([2]);
  // What goes through another connection in the meantime shows that the stalled bytes do not.
  proxy.connections[0]!.setFault({ stall: true });
  proxy.setFault({});
  using other = await client(proxy);
  await other.write([3]);
  assertEquals(await other.read(1), [3]);
  assertEquals(server.read, [[1], [3]]);
  await proxy.heal();
  assertEquals(await connection.read(1), [2]);
});

Deno.test("what a black hole has swallowed never comes, on a connection that stays dead", async () => {
  await using server = echo();
  await using proxy = await startFaultProxy({ target: server.port });
  using connection = await client(proxy);
  await connection.write([1]);
  await connection.read(1);
  const [proxied] = proxy.connections;
  proxied!.setFault({ blackHole: true });
  await connection.write([2]);
  using other = await client(proxy);
  await other.write([3]);
  assertEquals(await other.read(1), [3]);
  await proxy.heal();
  assert(proxied!.dead);
  await connection.write([4]);
  await other.write([5]);
  assertEquals(await other.read(1), [5]);
  assertEquals(server.read, [[1], [3], [5]]);
});

Deno.test("a delay holds every byte back for its time, in each direction", async () => {
  await using server = echo();
  await using proxy = await startFaultProxy({ target: server.port });
  proxy.setFault({ delayMs: 40 });
  using connection = await client(proxy);
  const began = performance.now();
  await connection.write([1]);
  await connection.read(1);
  assert(performance.now() - began >= 80);
});

Deno.test("slices arrive one byte at a time", async () => {
  await using server = echo();
  await using proxy = await startFaultProxy({ target: server.port });
  proxy.setFault({ sliceBytes: 1 });
  using connection = await client(proxy);
  await connection.write([1, 2, 3]);
  assertEquals(await connection.read(3), [1, 2, 3]);
  assertEquals(server.read.flat(), [1, 2, 3]);
});

Deno.test("resetAfter lets exactly so many bytes of one direction through", async () => {
  await using server = echo();
  await using proxy = await startFaultProxy({ target: server.port });
  proxy.setFault({ resetAfter: { direction: "response", bytes: 2 } });
  using connection = await client(proxy);
  await connection.write([1, 2, 3]);
  const got: number[] = [];
  await assertRejects(async () => {
    got.push(...await connection.read(2));
    await connection.read(1);
  }, Deno.errors.ConnectionReset);
  assertEquals(got, [1, 2]);
});

Deno.test("refuse() turns new connections away until heal()", async () => {
  await using server = echo();
  await using proxy = await startFaultProxy({ target: server.port });
  using open = await client(proxy);
  await open.write([1]);
  await open.read(1);
  proxy.refuse();
  await assertRejects(() => client(proxy), Deno.errors.ConnectionRefused);
  await open.write([2]);
  assertEquals(await open.read(1), [2]);
  await proxy.heal();
  using later = await client(proxy);
  await later.write([3]);
  assertEquals(await later.read(1), [3]);
});

Deno.test("reset() ends open connections with an error, not an end", async () => {
  await using server = echo();
  await using proxy = await startFaultProxy({ target: server.port });
  using connection = await client(proxy);
  await connection.write([1]);
  await connection.read(1);
  proxy.reset();
  await assertRejects(() => connection.read(1), Deno.errors.ConnectionReset);
});

/** A request of this client; the echo sends it back, whose number is read as an answer's size. */
function request(api: number, id: number, clientId: string): number[] {
  const body = encode({ short: api }, { short: 0 }, id, clientId);
  return [...encode(body.length), ...body];
}

Deno.test("a cut at a request resets before the broker has any of it", async () => {
  await using server = echo();
  await using proxy = await startFaultProxy({ target: server.port, kafka: true });
  using connection = await client(proxy);
  const cut = proxy.cut({ at: "request", api: API.produce, clientId: "me" });
  await connection.write(request(API.fetch, 1, "me"));
  await connection.write(request(API.produce, 2, "you"));
  const size = request(API.fetch, 1, "me").length + request(API.produce, 2, "you").length;
  await connection.read(size);
  await connection.write(request(API.produce, 3, "me"));
  await cut;
  await assertRejects(() => connection.read(1), Deno.errors.ConnectionReset);
  assertEquals(server.read.flat().length, size);
});

Deno.test("a cut at a response resets after the broker has seen the request", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using proxy = await startFaultProxy({ target: listener.addr.port, kafka: true });
  const cut = proxy.cut({ at: "response", api: API.produce });
  using connection = await client(proxy);
  using broker = await listener.accept();
  listener.close();
  await connection.write(request(API.produce, 7, "me"));
  assertEquals(await broker.read(new Uint8Array(100)), request(API.produce, 7, "me").length);
  await broker.write(encode(4 + 2, 7, { short: 0 }));
  await cut;
  await assertRejects(() => connection.read(1), Deno.errors.ConnectionReset);
});

Deno.test("heal() closes what a client has left, though the other side says nothing", async () => {
  // It reads nothing and ends nothing, as a suspended broker does.
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using proxy = await startFaultProxy({ target: silent.addr.port });
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: proxy.port });
  await connection.write(Uint8Array.of(1));
  using accepted = await silent.accept();
  assertEquals(await accepted.read(new Uint8Array(1)), 1);
  connection.close();
  // The goodbye has come through: the proxy knows that the client has left.
  assertEquals(await accepted.read(new Uint8Array(1)), null);
  await proxy.heal();
  await within(proxy.empty(), "the end of the connection");
  assertEquals(proxy.connections.length, 0);
});
