// When a connection is given up that was opened into a network that swallows everything.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Patience, Sockets } from "../../src/transport/kafkajs_sockets.ts";
import { withClock } from "../clock.ts";
import { within } from "../within.ts";

Deno.test("before any answer it is the library that decides how long to wait", () => {
  assertEquals(new Patience().limitMs, undefined);
});

Deno.test("brokers that are near have a little over a second for the first answer", () => {
  const patience = new Patience();
  patience.answered(5);
  assertEquals(patience.limitMs, 1_200);
});

Deno.test("brokers that are far have four times as long as they took at best", () => {
  const patience = new Patience();
  for (const tookMs of [900, 500, 700]) patience.answered(tookMs);
  assertEquals(patience.limitMs, 2_000);
});

Deno.test("a network that has become slow in a silence is taken as it is now", () => {
  const patience = new Patience();
  patience.answered(5);
  patience.silent();
  patience.answered(1_500);
  assertEquals(patience.limitMs, 6_000);
});

Deno.test("a silence of 20 s makes it patient: the network may have become slow", () => {
  withClock((clock) => {
    const patience = new Patience();
    patience.answered(5);
    patience.silent();
    clock.now = 10_000;
    patience.silent();
    const before = patience.limitMs;
    clock.now = 20_001;
    assertEquals([before, patience.limitMs], [1_200, undefined]);
  });
});

Deno.test("an answer ends the patience", () => {
  withClock((clock) => {
    const patience = new Patience();
    patience.silent();
    clock.now = 30_000;
    patience.answered(5);
    assertEquals(patience.limitMs, 1_200);
  });
});

/** Connects to a listener that says what `answer` says. */
async function connect(sockets: Sockets, answer: string) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const socket = sockets.open({
    host: "127.0.0.1",
    port,
    ssl: undefined as never, // kafkajs gives none for plain connections, whatever its types say
    onConnect: () => {},
  });
  const data = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<Error>();
  socket.once("data", () => data.resolve());
  socket.once("error", failed.resolve);
  const peer = await listener.accept();
  if (answer !== "") await peer.write(new TextEncoder().encode(answer));
  const close = () => {
    peer.close();
    listener.close();
  };
  return { data: data.promise, failed: failed.promise, close };
}

Deno.test("a new connection that nothing comes on is destroyed, where others were answered", async () => {
  const sockets = new Sockets({ background: false });
  const first = await connect(sockets, "hello");
  await within(first.data, "the first answer");
  const second = await connect(sockets, "");
  const error = await within(second.failed, "the end of the second connection");
  await sockets.destroy();
  first.close();
  second.close();
  assertStringIncludes(error.message, "no answer within 1200 ms");
});
