// Dead letters, and how they are sent again.
import { assertEquals } from "@std/assert";
import { letterOf, replayOf } from "../../src/cli/dlt/letters.ts";
import { AT, request } from "./records.ts";

const KEPT = {
  "rpc-dlt-reason": "header rpc-version is missing",
  "rpc-dlt-topic": "commands",
  "rpc-dlt-partition": "2",
  "rpc-dlt-offset": "41",
};
const text = (value: unknown) =>
  value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
const headersOf = (headers: Record<string, string>, deadline: number) => {
  const letter = letterOf(request({ ...KEPT, ...headers }));
  const replayed = replayOf(letter, { topic: "commands", deadline });
  if ("refused" in replayed) throw new Error(replayed.refused);
  return Object.fromEntries(
    Object.entries(replayed.record.headers).map(([name, bytes]) => [name, text(bytes)]),
  );
};

Deno.test("a letter says where its record came from", () => {
  const { from, reason, place, command } = letterOf(request(KEPT));
  assertEquals([from, reason, place, command], [
    "commands[2]@41",
    "header rpc-version is missing",
    "2@7",
    "add",
  ]);
});

Deno.test("what is sent again has its own headers, and a deadline to come", () => {
  assertEquals(headersOf({}, AT + 99_000), {
    "rpc-version": "1",
    "rpc-command": "add",
    "rpc-deadline": String(AT + 99_000),
  });
});

Deno.test("the deadline of a signed request stays: its signature covers it", () => {
  const headers = headersOf({ "rpc-signature": "hmac:x" }, AT + 99_000);
  assertEquals(headers["rpc-deadline"], String(AT + 30_000));
});

Deno.test("of a letter without key and value only the place is known: nothing is sent", () => {
  const record = { ...request(KEPT), key: null, value: null };
  assertEquals(replayOf(letterOf(record), { topic: "commands", deadline: AT }), {
    refused: "only the place of the record was kept, commands[2]@41",
  });
});

Deno.test("a letter whose header names another topic is not sent there", () => {
  assertEquals(replayOf(letterOf(request(KEPT)), { topic: "orders", deadline: AT }), {
    refused: "it says that it comes from commands, not from orders",
  });
});
