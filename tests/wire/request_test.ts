import { assertEquals } from "@std/assert";
import { HEADER } from "../../src/wire/headers.ts";
import type { ReadRequest, Request } from "../../src/wire/request.ts";
import { readRequest, writeRequest } from "../../src/wire/request.ts";
import { type Bytes, NOT_UTF8, recordOf } from "./record_of.ts";

const REQUEST: Request = {
  id: "id1",
  command: "add",
  input: { bytes: new TextEncoder().encode("[1]"), contentType: "application/json" },
  attempt: 2,
  metadata: { tenant: "acme" },
};
const FULL: Request = {
  ...REQUEST,
  replyTopic: "results",
  replyPartition: 3,
  deadline: 1_700_000_000_000,
  trace: { traceparent: "00-1-2-01", tracestate: "a=b" },
  wantsReceipt: true,
  credit: undefined,
  oneWay: true,
  idempotencyKey: "order-17",
};

/** Headers of a good request, with some of them changed or (undefined) left out. */
function headers(changes: Record<string, Bytes | undefined> = {}): Record<string, Bytes> {
  const all: Record<string, Bytes | undefined> = {
    [HEADER.version]: "1",
    [HEADER.command]: "add",
    ...changes,
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, Bytes] => entry[1] !== undefined),
  );
}

const read = (changes: Record<string, Bytes | undefined>): ReadRequest =>
  readRequest(recordOf({ key: "id1", value: "[1]", headers: headers(changes) }));

const roundTrip = (request: Request): ReadRequest => {
  const { key, value, headers } = writeRequest("commands", request);
  return readRequest(recordOf({ key, value, headers: { ...headers } }));
};

Deno.test("a request is keyed by its id", () => {
  assertEquals(writeRequest("commands", REQUEST).key, new TextEncoder().encode("id1"));
});

Deno.test("a small request has three headers besides its metadata", () => {
  assertEquals(Object.keys(writeRequest("commands", REQUEST).headers).sort(), [
    "rpc-attempt",
    "rpc-command",
    "rpc-version",
    "tenant",
  ]);
});

Deno.test("every header is text", () => {
  const types = Object.values(writeRequest("commands", FULL).headers).map((value) => typeof value);
  assertEquals(new Set(types), new Set(["string"]));
});

Deno.test("metadata cannot replace a header of the protocol", () => {
  const request = { ...REQUEST, metadata: { [HEADER.command]: "other" } };
  assertEquals(writeRequest("commands", request).headers[HEADER.command], "add");
});

Deno.test("a full request is read as it was written", () => {
  const read = roundTrip(FULL);
  const request = read.kind === "request"
    ? { ...read.request, metadata: { ...read.request.metadata } }
    : read;
  assertEquals(request, FULL);
});

Deno.test("a record without headers is the plain protocol", () => {
  assertEquals(readRequest(recordOf({ key: "id1", value: "1 + 1" })), {
    kind: "plain",
    expression: "1 + 1",
  });
});

Deno.test("a version from the future is recognized", () => {
  assertEquals(read({ [HEADER.version]: "2" }), { kind: "future", version: 2 });
});

Deno.test("a version from the future is recognized before anything else is looked at", () => {
  const record = recordOf({ headers: { [HEADER.version]: "9" } });
  assertEquals(readRequest(record), { kind: "future", version: 9 });
});

Deno.test("the attempt is 1 where none is named", () => {
  const result = read({});
  assertEquals(result.kind === "request" && result.request.attempt, 1);
});

Deno.test("a missing content type is JSON", () => {
  const result = read({});
  assertEquals(result.kind === "request" && result.request.input.contentType, "application/json");
});

Deno.test("an id in rpc-id leaves the key to the partitioner", () => {
  const result = read({ [HEADER.id]: "id2" });
  assertEquals(result.kind === "request" && result.request.id, "id2");
});

Deno.test("a header __proto__ is metadata, not a prototype", () => {
  const bad = recordOf({ key: "i", value: "1", headers: headers() });
  const withProto = {
    ...bad,
    headers: new Map([...bad.headers, ["__proto__", new TextEncoder().encode("x")] as const]),
  };
  const result = readRequest(withProto);
  assertEquals(result.kind === "request" && result.request.metadata["__proto__"], "x");
});

Deno.test("unknown headers that begin with rpc- are no metadata", () => {
  const result = read({ "rpc-new": "x" });
  assertEquals(result.kind === "request" && Object.keys(result.request.metadata), []);
});

const MALFORMED: [string, Record<string, Bytes | undefined>, string][] = [
  [
    "no rpc-version",
    { [HEADER.version]: undefined },
    "the record has headers but no rpc-version",
  ],
  [
    "a version that is no number",
    { [HEADER.version]: "one" },
    'header rpc-version is "one", not a whole decimal number',
  ],
  [
    "a version that never was",
    { [HEADER.version]: "0" },
    "header rpc-version is 0, not 1 or more",
  ],
  ["no command", { [HEADER.command]: undefined }, "header rpc-command is missing or empty"],
  ["an empty command", { [HEADER.command]: "" }, "header rpc-command is missing or empty"],
  [
    "a command longer than any that a client sends",
    { [HEADER.command]: "a".repeat(1_021) },
    "header rpc-command has 1021 bytes, over 1020",
  ],
  [
    "a command that is not UTF-8",
    { [HEADER.command]: NOT_UTF8 },
    "header rpc-command is not UTF-8",
  ],
  [
    "a deadline that is no number",
    { [HEADER.deadline]: "soon" },
    'header rpc-deadline is "soon", not a whole decimal number',
  ],
  [
    "a negative partition",
    { [HEADER.replyPartition]: "-1" },
    'header rpc-reply-partition is "-1", not a whole decimal number',
  ],
  ["attempt 0", { [HEADER.attempt]: "0" }, "header rpc-attempt is 0, not 1 or more"],
  ["metadata that is not UTF-8", { "x-y": NOT_UTF8 }, 'header "x-y" is not UTF-8'],
  ["an empty id", { [HEADER.id]: "" }, "the correlation id is empty"],
  ["an id that is not UTF-8", { [HEADER.id]: NOT_UTF8 }, "the correlation id is not UTF-8"],
];
for (const [what, changes, reason] of MALFORMED) {
  Deno.test(`a request with ${what} is malformed`, () => {
    assertEquals(read(changes), { kind: "malformed", reason });
  });
}

Deno.test("the longest name of a command that a client sends is read", () => {
  assertEquals(read({ [HEADER.command]: "🎉".repeat(255) }).kind, "request");
});

Deno.test("a request without key and rpc-id is malformed", () => {
  assertEquals(readRequest(recordOf({ value: "1", headers: headers() })), {
    kind: "malformed",
    reason: "there is neither a key nor a header rpc-id",
  });
});

Deno.test("a tombstone with headers is malformed", () => {
  assertEquals(readRequest(recordOf({ key: "i", headers: headers() })), {
    kind: "malformed",
    reason: "the value is null (a tombstone)",
  });
});

Deno.test("a tombstone without headers is malformed", () => {
  assertEquals(readRequest(recordOf({ key: "i" })).kind, "malformed");
});

Deno.test("a plain expression that is not UTF-8 is malformed", () => {
  assertEquals(readRequest(recordOf({ key: "i", value: NOT_UTF8 })).kind, "malformed");
});
