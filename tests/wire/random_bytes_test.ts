// Whatever lies on a topic, reading it must never throw: one exception would stop a server.
import { assertEquals } from "@std/assert";
import { HEADER } from "../../src/wire/headers.ts";
import type { IncomingRecord } from "../../src/wire/record.ts";
import { readReply } from "../../src/wire/reply.ts";
import { readRequest } from "../../src/wire/request.ts";
import { recordOf } from "./record_of.ts";

const NAMES = [...Object.values(HEADER), "x"];

function randomBytes(most: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(Math.floor(Math.random() * most)));
}

/** Now and then a header is right, so that the reader gets further. */
function randomRecord(): IncomingRecord {
  const headers: Record<string, Uint8Array | string> = {};
  for (const name of NAMES) {
    if (Math.random() < 0.3) headers[name] = randomBytes(20);
  }
  if (Math.random() < 0.7) headers[HEADER.version] = "1";
  if (Math.random() < 0.5) headers[HEADER.command] = "add";
  if (Math.random() < 0.5) headers[HEADER.status] = "ok";
  return recordOf({
    key: Math.random() < 0.2 ? null : randomBytes(300),
    value: Math.random() < 0.2 ? null : randomBytes(100),
    headers,
  });
}

Deno.test("2 000 random records are read as requests without an exception", () => {
  const kinds = Array.from({ length: 2_000 }, () => readRequest(randomRecord()).kind);
  assertEquals(kinds.includes("malformed"), true);
});

Deno.test("2 000 random records are read as replies without an exception", () => {
  const kinds = Array.from({ length: 2_000 }, () => readReply(randomRecord()).kind);
  assertEquals(kinds.includes("malformed"), true);
});
