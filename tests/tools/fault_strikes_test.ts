// Faults of the proxy that are aimed at single requests and responses.
import { assertEquals, assertRejects } from "@std/assert";
import { API, startFaultProxy } from "../../tools/fault_proxy.ts";
import { client, echo, type End, endOf } from "./echo.ts";
import { encode } from "./fake_broker.ts";

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

/** A client and its broker, with the proxy between them. */
async function pair() {
  await using stack = new AsyncDisposableStack();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const proxy = stack.use(await startFaultProxy({ target: listener.addr.port, kafka: true }));
  const connection = stack.use(await client(proxy));
  const broker = stack.use(endOf(await listener.accept()));
  listener.close();
  const opened = stack.move();
  return { proxy, connection, broker, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** The client asks, the broker answers with this text. */
async function exchange(
  { connection, broker }: { connection: End; broker: End },
  { api, id, text }: { api: number; id: number; text: string },
): Promise<number[]> {
  const asked = request(api, id, "me");
  await connection.write(asked);
  await broker.read(asked.length);
  const body = encode(id, text);
  const answer = [...encode(body.length), ...body];
  await broker.write(answer);
  return answer;
}

Deno.test("a cut inside an answer lets so many bytes of it through before a reset", async () => {
  await using ends = await pair();
  const cut = ends.proxy.cut({ at: "response", api: API.fetch, after: 5, skip: 1 });
  const first = await exchange(ends, { api: API.fetch, id: 1, text: "one" });
  assertEquals(await ends.connection.read(first.length), first);
  const second = await exchange(ends, { api: API.fetch, id: 2, text: "two" });
  assertEquals(await ends.connection.read(5), second.slice(0, 5));
  await cut;
  await assertRejects(() => ends.connection.read(1), Deno.errors.ConnectionReset);
});

Deno.test("a cut inside an answer can end the connection in order", async () => {
  await using ends = await pair();
  const cut = ends.proxy.cut({ at: "response", api: API.fetch, after: 7, how: "end" });
  const answer = await exchange(ends, { api: API.fetch, id: 1, text: "one" });
  await cut;
  assertEquals(await ends.connection.read(answer.length), answer.slice(0, 7));
});

Deno.test("a cut inside an answer can leave its receiver waiting for the rest", async () => {
  await using ends = await pair();
  const cut = ends.proxy.cut({ at: "response", api: API.fetch, after: 7, how: "stall" });
  const answer = await exchange(ends, { api: API.fetch, id: 1, text: "one" });
  await cut;
  assertEquals(await ends.connection.read(7), answer.slice(0, 7));
  const rest = ends.connection.read(1);
  assertEquals(ends.proxy.connections[0]!.dead, true);
  ends.proxy.reset();
  await assertRejects(() => rest, Deno.errors.ConnectionReset);
});

Deno.test("an answer can be replaced, and the connection goes on", async () => {
  await using ends = await pair();
  const bytes = new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n");
  const replaced = ends.proxy.replace({ api: API.metadata, clientId: "me", bytes });
  await exchange(ends, { api: API.metadata, id: 1, text: "one" });
  await replaced;
  assertEquals(await ends.connection.read(bytes.length), [...bytes]);
  const answer = await exchange(ends, { api: API.metadata, id: 2, text: "two" });
  assertEquals(await ends.connection.read(answer.length), answer);
});

Deno.test("the answers to one kind of request can be late, and those to others are not", async () => {
  await using ends = await pair();
  ends.proxy.setFault({ answerDelay: { api: API.metadata, delayMs: 40 } });
  const other = await exchange(ends, { api: API.produce, id: 1, text: "one" });
  assertEquals(await ends.connection.read(other.length), other);
  const began = performance.now();
  const late = await exchange(ends, { api: API.metadata, id: 2, text: "two" });
  assertEquals(await ends.connection.read(late.length), late);
  assertEquals(performance.now() - began >= 40, true);
});
