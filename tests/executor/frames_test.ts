// Frames out of a pipe that hostile code may write to.
import { assertEquals, assertThrows } from "@std/assert";
import { FrameReader, framesOf } from "../../src/executor/frames.ts";
import { RpcError } from "../../src/wire/errors.ts";

const nonce = Uint8Array.of(7, 7, 7, 7);

/** A frame as a child writes it. */
const framed = (...content: number[]) => framesOf([{ bytes: Uint8Array.of(...nonce, ...content) }]);

/** Reads chunks; gives the contents of the frames. */
function read(chunks: readonly Uint8Array[], maxBytes = 100): number[][] {
  const reader = new FrameReader(nonce, maxBytes);
  const frames: number[][] = [];
  for (const chunk of chunks) reader.read(chunk, (frame) => frames.push([...frame]));
  return frames;
}

const bytesOf = (...frames: Uint8Array[]) => Uint8Array.of(...frames.flatMap((one) => [...one]));

Deno.test("frames are cut out of one chunk", () => {
  assertEquals(read([bytesOf(framed(1, 2), framed(), framed(3))]), [[1, 2], [], [3]]);
});

Deno.test("a frame is put together, wherever its chunks end", () => {
  const all = bytesOf(framed(1, 2, 3), framed(4));
  for (let size = 1; size <= all.length; size++) {
    const chunks = [];
    for (let at = 0; at < all.length; at += size) chunks.push(all.slice(at, at + size));
    assertEquals(read(chunks), [[1, 2, 3], [4]], `chunks of ${size}`);
  }
});

Deno.test("a frame without the nonce is refused, though its end has not come", () => {
  const forged = Uint8Array.of(0, 0, 0, 50, 1, 2, 3, 4);
  assertThrows(() => read([forged]), TypeError, "something else than a frame");
});

Deno.test("the first wrong byte of the nonce is enough", () => {
  assertThrows(() => read([Uint8Array.of(0, 0, 0, 50, 7, 8)]), TypeError, "something else");
});

Deno.test("a frame that is too short for the nonce is refused", () => {
  assertThrows(() => read([Uint8Array.of(0, 0, 0, 3, 7, 7, 7)]), TypeError, "something else");
});

Deno.test("a frame that is too long is refused by its length, once the nonce shows that it is one", () => {
  const head = Uint8Array.of(0, 0, 4, 0, ...nonce);
  const error = assertThrows(() => read([head]), RpcError, "the limit is");
  assertEquals(error.code, "resource_exhausted");
});

Deno.test("the longest frame that is allowed is read", () => {
  assertEquals(read([framed(...new Array(100).fill(1))])[0]?.length, 100);
});
