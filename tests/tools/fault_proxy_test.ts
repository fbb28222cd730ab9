import { assert, assertEquals, assertRejects } from "@std/assert";
import { startFaultProxy } from "../../tools/fault_proxy.ts";
import { Link } from "../../tools/faults/link.ts";
import { within } from "../within.ts";
import { client, echo } from "./echo.ts";

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

Deno.test("a link that is shared lets bytes through one after another, at its rate", () => {
  let now = 1_000;
  const link = new Link(() => now);
  assertEquals(link.reserve("response", 50, 1_000), 50);
  assertEquals(link.reserve("response", 100, 1_000), 150);
  assertEquals(link.reserve("request", 100, 1_000), 100);
  now = 1_150;
  assertEquals(link.reserve("response", 10, 1_000), 10);
  now = 9_000;
  assertEquals(link.reserve("response", 10, 1_000), 10);
});

Deno.test("a limited bandwidth takes its time for every byte, in each direction", async () => {
  await using server = echo();
  await using proxy = await startFaultProxy({ target: server.port });
  proxy.setFault({ bytesPerSecond: 2_000 });
  using one = await client(proxy);
  using other = await client(proxy);
  const began = performance.now();
  const bytes = Array.from({ length: 50 }, (_, index) => index);
  await Promise.all([one, other].map(async (connection) => {
    await connection.write(bytes);
    assertEquals(await connection.read(50), bytes);
  }));
  // 100 bytes at 2000 a second; the answers' line is used while requests are still on theirs.
  assert(performance.now() - began >= 50);
});

Deno.test("heal() ends a limit at once, for what waits too", async () => {
  await using server = echo();
  await using proxy = await startFaultProxy({ target: server.port });
  proxy.setFault({ bytesPerSecond: 0.01 });
  using connection = await client(proxy);
  await connection.write([1, 2]);
  await proxy.heal();
  assertEquals(await connection.read(2), [1, 2]);
});

Deno.test("a connection that was idle swallows everything, and neither end hears of it", async () => {
  await using server = echo();
  await using proxy = await startFaultProxy({ target: server.port });
  using idle = await client(proxy);
  await idle.write([1]);
  assertEquals(await idle.read(1), [1]);
  const [proxied] = proxy.connections;
  proxied!.setFault({ idleMs: 0 });
  await idle.write([2]);
  const read = idle.read(1);
  using other = await client(proxy);
  await other.write([3]);
  assertEquals(await other.read(1), [3]);
  assertEquals(server.read, [[1], [3]]);
  await proxy.heal();
  assert(proxied!.dead);
  // It still waits; a reset is the first that it hears.
  proxy.reset();
  await assertRejects(() => read, Deno.errors.ConnectionReset);
});
