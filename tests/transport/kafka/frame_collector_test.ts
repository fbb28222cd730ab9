// Frames among what a socket delivers: however it is cut, and whatever length it names.
import { assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { MalformedBytes } from "../../../src/transport/kafka/bounded_reader.ts";
import { FrameCollector } from "../../../src/transport/kafka/frame_collector.ts";

const MAX_BYTES = 1_000;

/** A frame with its length before it. */
function frame(...bytes: number[]): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, Uint8Array.from(bytes)]);
}

/** The bytes that a frame of this length begins with. */
function length(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const TWO = Buffer.concat([frame(1, 2, 3, 4), frame(5, 6, 7, 8, 9)]);
const bytesOf = (frames: Uint8Array[]): number[][] => frames.map((frame) => [...frame]);

Deno.test("a chunk of two frames gives both", () => {
  assertEquals(bytesOf(new FrameCollector(MAX_BYTES).push(TWO)), [[1, 2, 3, 4], [5, 6, 7, 8, 9]]);
});

Deno.test("frames are the same wherever the chunks are cut", () => {
  for (let cut = 0; cut <= TWO.length; cut++) {
    const collector = new FrameCollector(MAX_BYTES);
    const frames = [...collector.push(TWO.subarray(0, cut)), ...collector.push(TWO.subarray(cut))];
    assertEquals(bytesOf(frames), [[1, 2, 3, 4], [5, 6, 7, 8, 9]], `cut at ${cut}`);
  }
});

Deno.test("frames come out of chunks of one byte", () => {
  const collector = new FrameCollector(MAX_BYTES);
  const frames = [...TWO].flatMap((byte) => collector.push(Uint8Array.of(byte)));
  assertEquals(bytesOf(frames), [[1, 2, 3, 4], [5, 6, 7, 8, 9]]);
});

Deno.test("a collector knows whether it is inside a frame", () => {
  const collector = new FrameCollector(MAX_BYTES);
  const inside = [TWO.subarray(0, 3), TWO.subarray(3, 8), TWO.subarray(8, 10)].map((chunk) => {
    collector.push(chunk);
    return collector.isInsideFrame;
  });
  assertEquals(inside, [true, false, true]);
});

Deno.test("a frame of the limit is taken", () => {
  const bytes = Array.from<number>({ length: MAX_BYTES }).fill(7);
  assertEquals(bytesOf(new FrameCollector(MAX_BYTES).push(frame(...bytes))), [bytes]);
});

for (const value of [-1, -4, 0, 3, MAX_BYTES + 1, 2 ** 31 - 1, -(2 ** 31)]) {
  Deno.test(`a length of ${value} is refused as soon as it is known`, () => {
    assertThrows(
      () => new FrameCollector(MAX_BYTES).push(length(value)),
      MalformedBytes,
      `an answer of ${value} bytes`,
    );
  });
}

Deno.test("a length that is text is shown as text", () => {
  assertThrows(
    () => new FrameCollector(MAX_BYTES).push(Buffer.from("HTTP/1.1 400 Bad Request")),
    MalformedBytes,
    '(the text "HTTP")',
  );
});
