// Frames through memory that two threads share, and what a hostile side can do to the other one.
import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";
import {
  createThreadChannel,
  LAYOUT,
  MAX_SHARED_FRAME_BYTES,
  SHARED_BYTES,
  type ThreadChannel,
  versionProblem,
} from "../../../src/executor/inside/thread_channel.ts";
import { createTurns } from "../../../src/executor/inside/turns.ts";

/** One side in this thread; messages wait until the test delivers them. */
class Side {
  readonly got: number[] = [];
  readonly messages: Uint8Array<ArrayBuffer>[] = [];
  broken = 0;
  readonly channel: ThreadChannel;

  constructor(memory: SharedArrayBuffer, side: "inside" | "outside") {
    this.channel = createThreadChannel({
      memory,
      side,
      post: (frame) => this.messages.push(frame),
      onFrame: (frame) => this.got.push(frame.length),
      onBroken: () => this.broken++,
      later: createTurns(),
    }, LAYOUT);
  }

  send(...lengths: number[]): void {
    for (const length of lengths) this.channel.send(new Uint8Array(length));
  }
}

/** Both sides, and the words of the direction out of the sandbox. */
function pair() {
  const memory = new SharedArrayBuffer(SHARED_BYTES);
  const outside = new Side(memory, "outside");
  const inside = new Side(memory, "inside");
  const words = new Int32Array(memory, 0, LAYOUT.direction / 4);
  return { memory, outside, inside, words };
}

/** Lets the event loop turn until it holds; nothing else keeps it going. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

Deno.test("frames arrive without a message, in their order", async () => {
  const { inside, outside } = pair();
  inside.send(1, 0, 5, MAX_SHARED_FRAME_BYTES);
  await until(() => outside.got.length === 4);
  assertEquals([outside.got, inside.messages], [[1, 0, 5, MAX_SHARED_FRAME_BYTES], []]);
});

Deno.test("what is sent as a message comes as one, and what follows it behind it", async () => {
  const { inside, outside } = pair();
  inside.channel.sendMessage(new Uint8Array(3));
  inside.send(4);
  for (const message of inside.messages) outside.channel.receive(message);
  inside.send(5);
  await until(() => outside.got.length === 3);
  assertEquals([outside.got, inside.messages.length], [[3, 4, 5], 2]);
});

Deno.test("a side that is closed takes no message either", () => {
  const { outside } = pair();
  outside.channel.close();
  outside.channel.receive(new Uint8Array(7));
  assertEquals(outside.got, []);
});

Deno.test("a frame keeps its bytes where the ring begins anew", () => {
  const memory = new SharedArrayBuffer(SHARED_BYTES);
  let sum = 0;
  const { post, onBroken, later } = { post: () => {}, onBroken: () => {}, later: createTurns() };
  const onFrame = (frame: Uint8Array) => {
    assertEquals(frame, new Uint8Array(frame.length).map((_, at) => at));
    sum += frame.length;
  };
  const outside = createThreadChannel(
    { memory, side: "outside", post, onBroken, later, onFrame },
    LAYOUT,
  );
  const inside = createThreadChannel(
    { memory, side: "inside", post, onBroken, later, onFrame: () => {} },
    LAYOUT,
  );
  for (let length = 9_000; length < 9_100; length++) {
    inside.send(new Uint8Array(length).map((_, at) => at));
    outside.drain();
  }
  assertEquals(sum, 100 * 9_000 + 99 * 50);
});

Deno.test("a frame that is too long for the ring is a message, and so is what follows it", () => {
  const { inside, outside } = pair();
  inside.send(1, MAX_SHARED_FRAME_BYTES + 1, 2);
  assertEquals(inside.messages.map(({ length }) => length), [MAX_SHARED_FRAME_BYTES + 1, 2]);
  for (const message of inside.messages) outside.channel.receive(message);
  assertEquals(outside.got, [1, MAX_SHARED_FRAME_BYTES + 1, 2]);
});

Deno.test("once every message is taken, frames go through the ring again", () => {
  const { inside, outside } = pair();
  inside.send(MAX_SHARED_FRAME_BYTES + 1, 2);
  outside.channel.receive(inside.messages[0]!);
  inside.send(3);
  for (const message of inside.messages.slice(1)) outside.channel.receive(message);
  inside.send(4);
  outside.channel.drain();
  assertEquals([inside.messages.length, outside.got], [3, [MAX_SHARED_FRAME_BYTES + 1, 2, 3, 4]]);
});

Deno.test("what a full ring has no place for is a message", () => {
  const { inside, outside } = pair();
  const lengths = new Array(20).fill(10_000);
  inside.send(...lengths);
  for (const message of inside.messages) outside.channel.receive(message);
  assertEquals([inside.messages.length, outside.got], [7, lengths]);
});

Deno.test("a channel that is closed takes nothing any more", () => {
  const { inside, outside } = pair();
  outside.channel.close();
  inside.send(1);
  outside.channel.drain();
  assertEquals(outside.got, []);
});

for (
  const [what, tail, length] of [
    ["a length that is longer than what was written", 8, 1_000],
    ["a length of four gigabytes", 8, -1],
    ["more bytes than the ring has", LAYOUT.capacity + 4, 0],
    ["a number of bytes below zero", -4, 0],
    ["no whole word", 2, 0],
  ] as const
) {
  Deno.test(`${what} breaks the channel, and nothing is taken of it`, async () => {
    const { outside, words } = pair();
    Atomics.store(words, LAYOUT.all, length);
    Atomics.store(words, LAYOUT.tail, tail);
    Atomics.notify(words, LAYOUT.tail);
    await until(() => outside.broken > 0);
    outside.channel.drain();
    assertEquals([outside.got, outside.broken], [[], 1]);
  });
}

for (
  const [what, word, number] of [
    ["what is said to be read that was never written has", LAYOUT.head, 0x7fff_ffff],
    ["messages that are said to be taken and were never sent have", LAYOUT.taken, 5],
  ] as const
) {
  Deno.test(`${what} frames go as messages`, () => {
    const { memory, outside } = pair();
    const words = new Int32Array(memory, LAYOUT.direction, LAYOUT.direction / 4);
    Atomics.store(words, word, number);
    outside.send(1);
    assertEquals([outside.messages.length, outside.broken], [1, 0]);
  });
}

Deno.test("a ring that is filled again while it is read leaves the event loop its turns", async () => {
  const memory = new SharedArrayBuffer(SHARED_BYTES);
  const words = new Int32Array(memory, 0, LAYOUT.direction / 4);
  let frames = 0;
  const channel = createThreadChannel({
    memory,
    side: "outside",
    post: () => {},
    onBroken: () => {},
    later: createTurns(),
    // As fast as a hostile worker can: there is always another one.
    onFrame: () => {
      frames++;
      Atomics.add(words, LAYOUT.tail, 4);
    },
  }, LAYOUT);
  Atomics.add(words, LAYOUT.tail, 4);
  Atomics.notify(words, LAYOUT.tail);
  // The event that ends the test comes in spite of it.
  await until(() => frames > 0);
  await new Promise((resolve) => setTimeout(resolve, 0));
  const seen = frames;
  await until(() => frames > seen);
  channel.close();
});

for (const [version, isOld] of [["1.46.3", true], ["2.6.10", true], ["2.7.0", false]] as const) {
  Deno.test(`threads of Deno ${version} ${isOld ? "do not wake" : "wake"} each other`, () => {
    assertEquals(versionProblem(version) !== undefined, isOld);
  });
}

Deno.test("a version after 2.9 is no older one", () => {
  assertEquals([versionProblem("2.10.0"), versionProblem("3.0.0")], [undefined, undefined]);
});
