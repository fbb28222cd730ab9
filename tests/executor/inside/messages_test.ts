import { assertEquals, assertThrows } from "@std/assert";
import {
  createMessageCodec,
  type FromSandbox,
  type ToSandbox,
} from "../../../src/executor/inside/messages.ts";
import { job } from "../jobs.ts";

const { encode, decode } = createMessageCodec();

const bytes = Uint8Array.of(0, 255, 10);
const output = { bytes, contentType: "application/octet-stream" };
const MESSAGES: (ToSandbox | FromSandbox)[] = [
  { type: "run", run: 1, job: { ...job("add"), input: output } },
  { type: "abort", run: 2, reason: { code: "canceled", name: "Error", message: "Grüße" } },
  { type: "ready", commands: ["add", "größe"], policies: [] },
  { type: "done", run: 3, outcome: { ok: true, output } },
  { type: "done", run: 4, outcome: { ok: true, output: { ...output, bytes: new Uint8Array(0) } } },
  {
    type: "done",
    run: 5,
    outcome: { ok: false, failure: { code: "internal", name: "Error", message: "x" } },
  },
  { type: "broken", reason: "it was closed" },
];
for (const message of MESSAGES) {
  Deno.test(`a message arrives as it was sent: ${JSON.stringify(message).slice(0, 60)}`, () => {
    assertEquals(decode(encode(message)), message);
  });
}

Deno.test("a frame in the middle of a larger buffer is read", () => {
  const frame = encode(MESSAGES[3]!);
  const whole = new Uint8Array(frame.length + 20);
  whole.set(frame, 10);
  assertEquals(decode(whole.subarray(10, 10 + frame.length)), MESSAGES[3]);
});

Deno.test("a frame that is cut off is refused", () => {
  assertThrows(() => decode(encode(MESSAGES[0]!).subarray(0, 10)), RangeError);
});

Deno.test("a frame without its length is refused", () => {
  assertThrows(() => decode(Uint8Array.of(0, 0)), RangeError);
});
