// The adapter over TCP as the system has it: what a peer on this machine does to it.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import net from "node:net";
import { kafkajsProtocol } from "../../../src/transport/kafka/kafkajs/protocol.ts";
import {
  type BrokerConnection,
  ConnectionFailed,
  type OpenOptions,
} from "../../../src/transport/kafka/port.ts";
import { within } from "../../within.ts";
import { framed, int32 } from "./frames.ts";
import { ANY, recordedConnection } from "./recorded.ts";

/** Does something with the next request of a connection; counted from 0. */
type OnRequest = (socket: net.Socket, index: number) => void;

/** A peer that reads requests. */
class TcpPeer implements AsyncDisposable {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();

  private constructor(onRequest: OnRequest) {
    this.#server = net.createServer((socket) => {
      this.#sockets.add(socket);
      let index = 0;
      // Requests here are small, and wait for each other's answers: each is one chunk.
      socket.on("data", () => onRequest(socket, index++));
      socket.on("error", () => socket.destroy());
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  /** Listens on a free port. */
  static async listen(onRequest: OnRequest): Promise<TcpPeer> {
    const peer = new TcpPeer(onRequest);
    const { promise, resolve } = Promise.withResolvers<void>();
    peer.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    return peer;
  }

  /** Where it listens. */
  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }
}

function open(port: number, options: Partial<OpenOptions> = {}): Promise<BrokerConnection> {
  const address = { host: "127.0.0.1", port };
  const { signal } = new AbortController();
  return kafkajsProtocol.open(address, { clientId: "me", background: false, signal, ...options });
}

const METADATA = recordedConnection("Metadata", 6).map((answer) => framed(answer));
const answering: OnRequest = (socket, index) => void socket.write(METADATA[index]!);

/** What becomes of a request whose peer does this with it. */
async function failureAfterOpening(fail: (socket: net.Socket) => void): Promise<ConnectionFailed> {
  await using peer = await TcpPeer.listen((socket, index) => {
    if (index === 0) answering(socket, index);
    else fail(socket);
  });
  const connection = await within(open(peer.port), "the connection");
  const answer = connection.send("Metadata", ANY.Metadata);
  return await within(assertRejects(() => answer, ConnectionFailed), "the failure");
}

Deno.test("a request is answered over TCP", async () => {
  await using peer = await TcpPeer.listen(answering);
  const connection = await open(peer.port);
  const { topics } = await connection.send("Metadata", ANY.Metadata);
  connection.close();
  assertEquals(topics.map(({ topic }) => topic), ["recorded", "missing"]);
});

const HALF = METADATA[1]!.subarray(0, 40);

Deno.test("FIN inside an answer is the network's failure", async () => {
  const failure = await failureAfterOpening((socket) => socket.end(HALF));
  assertEquals(failure.kind, "network");
  assertStringIncludes(failure.message, "closed the connection inside an answer");
});

Deno.test("RST inside an answer is the network's failure", async () => {
  const failure = await failureAfterOpening((socket) => {
    socket.write(HALF, () => socket.resetAndDestroy());
  });
  assertEquals(failure.kind, "network");
});

Deno.test("a request whose answer stalls ends with the connection", async () => {
  const stalled = Promise.withResolvers<void>();
  await using peer = await TcpPeer.listen((socket, index) => {
    if (index === 0) answering(socket, index);
    else socket.write(HALF, () => stalled.resolve());
  });
  const connection = await open(peer.port);
  const answer = connection.send("Metadata", ANY.Metadata);
  await stalled.promise;
  connection.close("too slow");
  const failure = await within(assertRejects(() => answer, ConnectionFailed), "the failure");
  assertEquals([failure.kind, failure.message], ["closed", "too slow"]);
});

const NOT_KAFKA: Readonly<Record<string, Uint8Array>> = {
  "HTTP": Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"),
  "a length of −1": int32(-1),
  "a length of −4": int32(-4),
  "a length of 0": int32(0),
  "a length of 3": int32(3),
  "a length of 2^31 − 1": int32(2 ** 31 - 1),
};
for (const [name, bytes] of Object.entries(NOT_KAFKA)) {
  Deno.test(`a peer that answers ApiVersions with ${name} does not speak the protocol`, async () => {
    await using peer = await TcpPeer.listen((socket) => void socket.write(bytes));
    const failure = await within(assertRejects(() => open(peer.port), ConnectionFailed), "it");
    assertEquals(failure.kind, "protocol");
  });
}

Deno.test("a port where nothing listens is the network's failure, with the system's text", async () => {
  const peer = await TcpPeer.listen(answering);
  const { port } = peer;
  await peer[Symbol.asyncDispose]();
  const failure = await assertRejects(() => open(port), ConnectionFailed);
  assertEquals(failure.kind, "network");
  assertStringIncludes(failure.message, "ECONNREFUSED");
});

Deno.test("a name that does not exist is the network's failure", async () => {
  const opening = kafkajsProtocol.open({ host: "nowhere.invalid", port: 1 }, {
    clientId: "me",
    background: false,
    signal: new AbortController().signal,
  });
  const failure = await assertRejects(() => opening, ConnectionFailed, "nowhere.invalid:1: ");
  assertEquals(failure.kind, "network");
});

Deno.test("a peer that ends the connection in place of a TLS handshake is named so", async () => {
  await using peer = await TcpPeer.listen((socket) => socket.destroy());
  const opening = open(peer.port, { ssl: true });
  const failure = await within(assertRejects(() => opening, ConnectionFailed), "it");
  assertEquals(failure.kind, "network");
  assertStringIncludes(failure.message, "in place of a TLS handshake");
});

Deno.test("a peer that answers TLS with text does not speak it", async () => {
  await using peer = await TcpPeer.listen((socket) => void socket.write("HTTP/1.1 400\r\n\r\n"));
  const opening = open(peer.port, { ssl: true });
  const failure = await within(assertRejects(() => opening, ConnectionFailed), "it");
  assertEquals(failure.kind, "tls");
  assertStringIncludes(failure.message, "it does not speak TLS");
});

Deno.test("an opening that is aborted rejects with the signal's reason, and leaves no socket", async () => {
  const asked = Promise.withResolvers<net.Socket>();
  await using peer = await TcpPeer.listen((socket) => asked.resolve(socket));
  const aborting = new AbortController();
  const opening = open(peer.port, { signal: aborting.signal });
  const socket = await asked.promise;
  const closed = Promise.withResolvers<void>();
  socket.on("close", () => closed.resolve());
  aborting.abort(new Error("time is up"));
  await within(assertRejects(() => opening, Error, "time is up"), "the rejection");
  await within(closed.promise, "the end of the socket");
});

Deno.test("an opening that is aborted before it begins makes no socket", async () => {
  let connected = false;
  await using peer = await TcpPeer.listen(() => connected = true);
  const signal = AbortSignal.abort(new Error("too late"));
  await assertRejects(() => open(peer.port, { signal }), Error, "too late");
  assertEquals(connected, false);
});

const ALL_BUT_NET = { read: true, env: true, sys: true, net: false } as const;

Deno.test("an address that Deno may not reach is a matter of permissions", {
  permissions: ALL_BUT_NET,
}, async () => {
  const failure = await assertRejects(() => open(1), ConnectionFailed);
  assertEquals(failure.kind, "permission");
  assertStringIncludes(failure.message, 'Requires net access to "127.0.0.1:1"');
});

Deno.test("a name that Deno may not look up is a matter of permissions", {
  permissions: ALL_BUT_NET,
}, async () => {
  const { signal } = new AbortController();
  const address = { host: "localhost", port: 1 };
  const opening = kafkajsProtocol.open(address, { clientId: "me", background: false, signal });
  const failure = await assertRejects(() => opening, ConnectionFailed);
  assertEquals(failure.kind, "permission");
  assertStringIncludes(failure.message, 'Requires net access to "localhost:1"');
});
