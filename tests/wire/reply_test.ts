import { assertEquals } from "@std/assert";
import type { Failure } from "../../src/wire/outcome.ts";
import { HEADER } from "../../src/wire/headers.ts";
import type { Outcome } from "../../src/wire/outcome.ts";
import { type ReadReply, readReply, type ReplyAddress, writeReply } from "../../src/wire/reply.ts";
import { type Bytes, NOT_UTF8, recordOf } from "./record_of.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const OK: Outcome = {
  ok: true,
  output: { bytes: utf8("3"), contentType: "application/json" },
};
const FAILURE: Failure = {
  code: "aborted",
  name: "RpcError",
  message: "no Grüße",
  details: { a: 1 },
  stack: "at command",
};
const FAILED: Outcome = { ok: false, failure: FAILURE };
const digest = "aSgAiP7p0h87ijNLmFpEfM";
const ADDRESS: ReplyAddress = {
  topic: "results",
  partition: 2,
  key: utf8("id1"),
  id: "id1",
  digest,
};
const server = "s1";
const NO_RECORD = recordOf({});

const roundTrip = (outcome: Outcome, sendStack = false): ReadReply => {
  const { key, value, headers } = writeReply(ADDRESS, outcome, { server, sendStack });
  return withoutRecord(readReply(recordOf({ key, value, headers: { ...headers } })));
};
/** What was read of it, without the record itself. */
const withoutRecord = (read: ReadReply): ReadReply =>
  read.kind === "reply" ? { ...read, record: NO_RECORD } : read;
const read = (headers: Record<string, Bytes>, value: Bytes | null = "3"): ReadReply =>
  readReply(recordOf({ key: "id1", value, headers }));

Deno.test("a reply goes where the address says, under the request's key", () => {
  const { topic, partition, key } = writeReply(ADDRESS, OK, { server });
  assertEquals([topic, partition, key], ["results", 2, utf8("id1")]);
});

Deno.test("a result is read as it was written", () => {
  const rest = { server, digest, record: NO_RECORD, frame: undefined };
  assertEquals(roundTrip(OK), { kind: "reply", id: "id1", outcome: OK, ...rest });
});

Deno.test("a reply of a server that names no request is read all the same", () => {
  const result = read({ [HEADER.version]: "1", [HEADER.status]: "ok" });
  assertEquals(result.kind === "reply" && result.digest, undefined);
});

Deno.test("a failure is read as it was written, without its stack", () => {
  const { stack: _, ...failure } = FAILURE;
  assertEquals(roundTrip(FAILED), {
    kind: "reply",
    id: "id1",
    outcome: { ok: false, failure },
    server,
    digest,
    record: NO_RECORD,
    frame: undefined,
  });
});

Deno.test("the stack travels where that is chosen", () => {
  const read = roundTrip(FAILED, true);
  assertEquals(
    read.kind === "reply" && !read.outcome.ok && read.outcome.failure.stack,
    "at command",
  );
});

Deno.test("the value of a failure is its text, for a console", () => {
  assertEquals(writeReply(ADDRESS, FAILED, { server }).value, utf8("RpcError: no Grüße"));
});

Deno.test("rpc-id is left out where the key is the id", () => {
  assertEquals(writeReply(ADDRESS, OK, { server }).headers[HEADER.id], undefined);
});

Deno.test("rpc-id is there where the key is another", () => {
  const { headers } = writeReply({ ...ADDRESS, key: utf8("other") }, OK, { server });
  assertEquals(headers[HEADER.id], "id1");
});

Deno.test("rpc-id is there where the key is null", () => {
  assertEquals(writeReply({ ...ADDRESS, key: null }, OK, { server }).headers[HEADER.id], "id1");
});

Deno.test("the trace context comes back", () => {
  const trace = { traceparent: "00-1-2-01", tracestate: "a=b" };
  const { headers } = writeReply({ ...ADDRESS, trace }, OK, { server });
  assertEquals([headers["traceparent"], headers["tracestate"]], ["00-1-2-01", "a=b"]);
});

Deno.test("a code that this version does not know is unknown", () => {
  const result = read({ [HEADER.version]: "1", [HEADER.status]: "on_fire" });
  assertEquals(
    result.kind === "reply" && !result.outcome.ok && result.outcome.failure,
    { name: "Error", message: 'status "on_fire"', code: "unknown" },
  );
});

for (const json of ["null", "5", '"text"', "[]", '{"name":1,"message":{}}']) {
  Deno.test(`rpc-error ${json} is a failure without a name and message of its own`, () => {
    const headers = { [HEADER.version]: "1", [HEADER.status]: "internal", [HEADER.error]: json };
    const result = read(headers);
    assertEquals(
      result.kind === "reply" && !result.outcome.ok && result.outcome.failure,
      { name: "Error", message: 'status "internal"', code: "internal" },
    );
  });
}

const MALFORMED: [string, Record<string, Bytes>, string][] = [
  ["no headers", {}, "header rpc-version is missing"],
  ["no status", { [HEADER.version]: "1" }, "header rpc-status is missing"],
  [
    "a version from the future",
    { [HEADER.version]: "2", [HEADER.status]: "ok" },
    "its rpc-version is 2, this client knows 1",
  ],
  [
    "a version that never was",
    { [HEADER.version]: "0", [HEADER.status]: "ok" },
    "header rpc-version is 0, not 1 or more",
  ],
  [
    "a status that is not UTF-8",
    { [HEADER.version]: "1", [HEADER.status]: NOT_UTF8 },
    "header rpc-status is not UTF-8",
  ],
  [
    "an rpc-error that is not JSON",
    { [HEADER.version]: "1", [HEADER.status]: "internal", [HEADER.error]: "{" },
    "header rpc-error is not JSON",
  ],
];
for (const [what, headers, reason] of MALFORMED) {
  Deno.test(`a reply with ${what} is malformed, and its id is known`, () => {
    assertEquals(read(headers), { kind: "malformed", id: "id1", reason });
  });
}

Deno.test("a tombstone with status ok is malformed", () => {
  const headers = { [HEADER.version]: "1", [HEADER.status]: "ok" };
  assertEquals(read(headers, null).kind, "malformed");
});

Deno.test("a record without any id is malformed", () => {
  assertEquals(readReply(recordOf({ value: "3" })), {
    kind: "malformed",
    id: undefined,
    reason: "there is no correlation id",
  });
});

Deno.test("an id that is not UTF-8 is malformed", () => {
  assertEquals(readReply(recordOf({ key: NOT_UTF8, value: "3" })).kind, "malformed");
});
