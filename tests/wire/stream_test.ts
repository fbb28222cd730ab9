import { assertEquals } from "@std/assert";
import { readControl, writeCredit } from "../../src/wire/control.ts";
import { HEADER } from "../../src/wire/headers.ts";
import { utf8 } from "../../src/wire/utf8.ts";
import { readReply, writeReply } from "../../src/wire/reply.ts";
import { readRequest, writeRequest } from "../../src/wire/request.ts";
import { type Frame, NO_LIMIT } from "../../src/wire/stream.ts";
import { ok } from "../pipeline/call_of.ts";
import { recordOf } from "./record_of.ts";

const input = { bytes: utf8("1"), contentType: "application/json" };
const REQUEST = { id: "id1", command: "count", input, attempt: 1, metadata: {} };

/** The credit of a request with these headers besides its own. */
function creditOf(headers: Record<string, string>) {
  const { key, value, headers: own } = writeRequest("commands", REQUEST);
  const read = readRequest(recordOf({ key, value, headers: { ...own, ...headers } }));
  return read.kind === "request" ? read.request.credit : read;
}

for (const credit of [{ seq: 9, bytes: 100 }, { seq: 0, bytes: Infinity }]) {
  Deno.test(`a credit of ${credit.bytes} bytes is read from a request as it was written`, () => {
    const { key, value, headers } = writeRequest("commands", { ...REQUEST, credit });
    const read = readRequest(recordOf({ key, value, headers: { ...headers } }));
    assertEquals(read.kind === "request" && read.request.credit, credit);
  });

  Deno.test(`a credit of ${credit.bytes} bytes is read from its record as it was written`, () => {
    const digest = "d".repeat(22);
    const record = writeCredit("control", { id: "id1", digest, credit });
    const read = readControl(recordOf({ ...record, headers: { ...record.headers } }));
    assertEquals(read, { kind: "credit", id: "id1", digest, credit });
  });
}

Deno.test("a request for a stream without a credit gives no limit", () => {
  assertEquals(creditOf({ [HEADER.reply]: "stream" }), NO_LIMIT);
});

Deno.test("a credit of a request for one reply says nothing", () => {
  assertEquals(creditOf({ [HEADER.credit]: "9" }), undefined);
});

for (const text of ["", "-1", "1.5", "1 2 3", "1  2", "9".repeat(16), "many"]) {
  Deno.test(`a control record with the credit ${JSON.stringify(text)} asks for nothing`, () => {
    const headers = {
      [HEADER.version]: "1",
      [HEADER.control]: "credit",
      [HEADER.digest]: "d".repeat(22),
    };
    assertEquals(readControl(recordOf({ key: "id1", value: text, headers })).kind, "unknown");
  });
}

/** A frame after it was written and read. */
function roundTrip(frame: Frame) {
  const address = { topic: "results", partition: 0, key: utf8("id1"), id: "id1", frame };
  const { key, value, headers } = writeReply(address, ok(1), { server: "s" });
  const read = readReply(recordOf({ key, value, headers: { ...headers } }));
  return read.kind === "reply" ? { frame: read.frame, outcome: read.outcome } : read;
}

Deno.test("a frame that others follow is read as it was written", () => {
  const frame = { seq: 3, more: true, isEmpty: false };
  assertEquals(roundTrip(frame), { frame, outcome: ok(1) });
});

Deno.test("the last frame is read as it was written", () => {
  const frame = { seq: 3, more: false, isEmpty: false };
  assertEquals(roundTrip(frame), { frame, outcome: ok(1) });
});

Deno.test("a frame without a value is no tombstone that can't be read", () => {
  const frame = { seq: 3, more: true, isEmpty: true };
  const read = roundTrip(frame);
  assertEquals("frame" in read && read.frame, frame);
});
