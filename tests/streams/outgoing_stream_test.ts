import { assertEquals } from "@std/assert";
import { Deadlines } from "../../src/async/deadlines.ts";
import { Ending } from "../../src/server/ending.ts";
import { OutgoingStream } from "../../src/server/streams/outgoing_stream.ts";
import { turns } from "./hall.ts";

/** A stream of which one value was sent; `acknowledge` is what the brokers say then. */
function sendOne() {
  const frame = Promise.withResolvers<void>();
  let begun = 0;
  const stream = new OutgoingStream({
    command: "count",
    replyTo: { topic: "replies", key: null },
    credit: { seq: 10, bytes: 1_000 },
    replies: { send: () => Promise.resolve(true), sendFrame: () => frame.promise },
    ending: new Ending(new Deadlines()),
    timeoutMs: 600_000,
    onBegun: () => begun++,
  });
  stream.emit({ bytes: Uint8Array.of(1), contentType: "application/json" });
  return { stream, acknowledge: frame.resolve, begun: () => begun };
}

Deno.test("a stream has begun when its first frame is acknowledged", async () => {
  const { stream, acknowledge, begun } = sendOne();
  acknowledge();
  await turns(1);
  stream.close();
  assertEquals(begun(), 1);
});

Deno.test("a stream that is over before its first frame is acknowledged does not begin then", async () => {
  const { stream, acknowledge, begun } = sendOne();
  stream.close();
  acknowledge();
  await turns(1);
  assertEquals(begun(), 0);
});
