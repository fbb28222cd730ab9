// Requests and answers over one socket, and every way in which it ends.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { FramedSocket } from "../../../src/transport/kafka/framed_socket.ts";
import { ConnectionFailed } from "../../../src/transport/kafka/port.ts";
import { within } from "../../within.ts";
import { framed, int32 } from "./frames.ts";

/** A socket whose other side is the test. */
class Peer extends Duplex {
  readonly written: Buffer[] = [];

  constructor() {
    super({ allowHalfOpen: false });
  }

  override _read(): void {
    // The test pushes by itself.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk);
    done();
  }

  answer(correlationId: number, ...bytes: number[]): void {
    this.push(framed(Buffer.concat([int32(correlationId), Uint8Array.from(bytes)])));
  }
}

const REQUEST = {
  name: "Heartbeat",
  key: 12,
  version: 3,
  body: [Uint8Array.of(1, 2), Uint8Array.of(3)],
};

function open(maxAnswerBytes?: number): { peer: Peer; socket: FramedSocket } {
  const peer = new Peer();
  const socket = new FramedSocket(peer, {
    peer: "b:1",
    clientId: "me",
    failureOf: (error) => new ConnectionFailed("network", error.message, { cause: error }),
    maxAnswerBytes,
  });
  return { peer, socket };
}

/** The reason why a socket ended. */
function reasonOf(socket: FramedSocket): Promise<ConnectionFailed> {
  return within(socket.ended, "the end");
}

Deno.test("a request has a header of version 1: number, version, correlation id, client id", async () => {
  const { peer, socket } = open();
  const answer = socket.request(REQUEST);
  const header = [0, 0, 0, 15, 0, 12, 0, 3, 0, 0, 0, 1, 0, 2, ...Buffer.from("me")];
  assertEquals([...peer.written[0]!], [...header, 1, 2, 3]);
  socket.end(new ConnectionFailed("closed", "the test is over"));
  await assertRejects(() => answer, ConnectionFailed);
});

Deno.test("an answer comes without its correlation id", async () => {
  const { peer, socket } = open();
  const answer = socket.request(REQUEST);
  peer.answer(1, 7, 8, 9);
  assertEquals([...await answer], [7, 8, 9]);
  socket.end(new ConnectionFailed("closed", "the test is over"));
});

Deno.test("answers belong to requests in their order", async () => {
  const { peer, socket } = open();
  const answers = [socket.request(REQUEST), socket.request(REQUEST)];
  peer.answer(1, 10);
  peer.answer(2, 20);
  assertEquals((await Promise.all(answers)).map(([byte]) => byte), [10, 20]);
  socket.end(new ConnectionFailed("closed", "the test is over"));
});

Deno.test("bytes are counted as they arrive, those of half an answer as well", async () => {
  const { peer, socket } = open();
  const first = socket.request(REQUEST);
  peer.answer(1, 10);
  await first;
  assertEquals(socket.bytesReceived, 9);
  socket.end(new ConnectionFailed("closed", "the test is over"));
});

Deno.test("an answer to another request ends the connection", async () => {
  const { peer, socket } = open();
  const answer = socket.request(REQUEST);
  peer.answer(5, 1);
  const error = await assertRejects(() => answer, ConnectionFailed);
  assertEquals([error.kind, socket.isOpen, peer.destroyed], ["protocol", false, true]);
  assertStringIncludes(error.message, "an answer to request 5 in place of 1 (Heartbeat)");
});

Deno.test("an answer that nothing was asked for ends the connection", async () => {
  const { peer, socket } = open();
  peer.answer(1, 1);
  assertEquals((await reasonOf(socket)).kind, "protocol");
});

const NOT_KAFKA: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ["a length of −1", int32(-1)],
  ["a length of −4", int32(-4)],
  ["a length of 0", int32(0)],
  ["a length of 3", int32(3)],
  ["a length of 2^31 − 1", int32(2 ** 31 - 1)],
  ["HTTP", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["an alert of TLS", Uint8Array.of(0x15, 3, 3, 0, 2, 2, 80)],
];

for (const [name, bytes] of NOT_KAFKA) {
  Deno.test(`${name} ends the connection, and what is in flight with it`, async () => {
    const { peer, socket } = open();
    const answer = socket.request(REQUEST);
    peer.push(bytes);
    const error = await within(assertRejects(() => answer, ConnectionFailed), "the rejection");
    assertEquals([error.kind, peer.destroyed], ["protocol", true]);
  });
}

Deno.test("an answer above the limit ends the connection before it has come", async () => {
  const { peer, socket } = open(100);
  const answer = socket.request(REQUEST);
  peer.push(int32(101));
  const error = await assertRejects(() => answer, ConnectionFailed);
  assertStringIncludes(error.message, "an answer of 101 bytes, where 4 to 100 are possible");
});

Deno.test("a FIN inside an answer says so, and what was not answered", async () => {
  const { peer, socket } = open();
  const answer = socket.request(REQUEST);
  peer.push(Uint8Array.of(0, 0, 0, 50, 1));
  peer.push(null);
  await assertRejects(
    () => answer,
    ConnectionFailed,
    "b:1 closed the connection inside an answer, before the answer to Heartbeat",
  );
});

Deno.test("a FIN ends the connection while the other side reads nothing any more", async () => {
  const { peer, socket } = open();
  peer._write = () => {}; // What is written stays on its way, and with it the socket.
  const answer = socket.request(REQUEST);
  peer.push(null);
  const error = await within(assertRejects(() => answer, ConnectionFailed), "the rejection");
  assertEquals(error.kind, "network");
});

Deno.test("a socket that is only destroyed ends the connection", async () => {
  const { peer, socket } = open();
  const answer = socket.request(REQUEST);
  peer.destroy();
  const error = await within(assertRejects(() => answer, ConnectionFailed), "the rejection");
  assertEquals(error.kind, "network");
});

Deno.test("a socket that was destroyed before is an ended connection", async () => {
  const peer = new Peer();
  peer.destroy();
  const failureOf = (error: Error) => new ConnectionFailed("network", error.message);
  const socket = new FramedSocket(peer, { peer: "b:1", clientId: "me", failureOf });
  assertEquals((await reasonOf(socket)).kind, "network");
});

Deno.test("an error of the socket becomes the failure of everything in flight", async () => {
  const { peer, socket } = open();
  const answers = [socket.request(REQUEST), socket.request(REQUEST)];
  peer.destroy(new Error("read ECONNRESET"));
  const failed = await Promise.allSettled(answers);
  assertEquals(failed.map((result) => result.status === "rejected" && result.reason.message), [
    "read ECONNRESET",
    "read ECONNRESET",
  ]);
});

Deno.test("an error after the end escapes nowhere, and changes no reason", async () => {
  const { peer, socket } = open();
  socket.end(new ConnectionFailed("closed", "first"));
  peer.emit("error", new Error("late"));
  assertEquals((await reasonOf(socket)).message, "first");
});

Deno.test("an answer after the end is not read", async () => {
  const { peer, socket } = open();
  const answer = socket.request(REQUEST);
  socket.end(new ConnectionFailed("closed", "first"));
  peer.emit("data", framed(int32(1)));
  await assertRejects(() => answer, ConnectionFailed, "first");
  assertEquals(socket.bytesReceived, 0);
});

Deno.test("a request after the end rejects with the reason, and writes nothing", async () => {
  const { peer, socket } = open();
  socket.end(new ConnectionFailed("closed", "first"));
  await assertRejects(() => socket.request(REQUEST), ConnectionFailed, "first");
  assertEquals(peer.written, []);
});
