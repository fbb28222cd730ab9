// Records of the commands topic that are no request: counted, answered where there is an id.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { RecordingLogger } from "../recording_logger.ts";
import { NOT_UTF8 } from "../wire/record_of.ts";
import { Counter, type Sent } from "./counter.ts";

const commands = { ping: () => "pong" };
const good = { "rpc-version": "1", "rpc-command": "ping" };

const ANSWERED: [string, Sent, string, string][] = [
  [
    "headers without rpc-version",
    { value: "1", headers: { "rpc-command": "ping" } },
    "invalid_argument",
    "no rpc-version",
  ],
  [
    "a version that is no number",
    { value: "1", headers: { ...good, "rpc-version": "x" } },
    "invalid_argument",
    'rpc-version is "x"',
  ],
  [
    "a version from the future",
    { value: "1", headers: { ...good, "rpc-version": "2" } },
    "failed_precondition",
    "it speaks version 2 of the protocol, this server speaks version 1",
  ],
  [
    "no command",
    { value: "1", headers: { "rpc-version": "1" } },
    "invalid_argument",
    "rpc-command is missing",
  ],
  [
    "a deadline that is no number",
    { value: "1", headers: { ...good, "rpc-deadline": "soon" } },
    "invalid_argument",
    'rpc-deadline is "soon"',
  ],
  [
    "metadata that is not UTF-8",
    { value: "1", headers: { ...good, x: NOT_UTF8 } },
    "invalid_argument",
    "not UTF-8",
  ],
  ["a tombstone with headers", { headers: good }, "invalid_argument", "tombstone"],
  ["a tombstone without headers", {}, "invalid_argument", "tombstone"],
];
for (const [what, sent, code, text] of ANSWERED) {
  Deno.test(`a record with ${what} is answered with ${code}`, async () => {
    await using counter = await Counter.open({ commands });
    counter.append({ key: "id1", ...sent });
    const { status, message } = await counter.reply("id1");
    assertEquals([status, counter.server.counts.malformed], [code, 1]);
    assertStringIncludes(message, text);
  });
}

const UNANSWERED: [string, Sent][] = [
  ["neither key nor rpc-id", { value: "1", headers: good }],
  ["an empty key", { key: "", value: "1", headers: good }],
  ["a key that is not UTF-8", { key: NOT_UTF8, value: "1", headers: good }],
  ["a key of 256 bytes", { key: "x".repeat(256), value: "1", headers: good }],
  ["rpc-status and all of a request", {
    key: "id1",
    value: "1",
    headers: { ...good, "rpc-status": "ok" },
  }],
  ["an empty rpc-id", { key: "id1", value: "1", headers: { ...good, "rpc-id": "" } }],
];
for (const [what, sent] of UNANSWERED) {
  Deno.test(`a record with ${what} is counted, and gets no reply`, async () => {
    await using counter = await Counter.open({ commands });
    counter.append(sent);
    await counter.ask("ping");
    assertEquals([counter.replies.items.length, counter.server.counts.malformed], [1, 1]);
  });
}

Deno.test("1 000 records of random bytes do no harm to real calls", async () => {
  await using counter = await Counter.open({ commands });
  const random = () => crypto.getRandomValues(new Uint8Array(Math.floor(Math.random() * 50)));
  for (let i = 0; i < 1_000; i++) {
    counter.append({ key: random(), value: random(), headers: { "rpc-version": random() } });
    if (i % 100 === 0) assertEquals((await counter.ask("ping")).value, "pong");
  }
  await counter.ask("ping");
  assertEquals(counter.server.counts.malformed, 1_000);
});

Deno.test("a flood of malformed records is logged once", async () => {
  const logger = new RecordingLogger();
  await using counter = await Counter.open({ commands, logger });
  for (let i = 0; i < 50; i++) counter.append({ key: `id${i}` });
  await counter.reply("id49");
  assertEquals(logger.messages("warn"), ["a record cannot be read"]);
});

Deno.test("a reply that lies among the commands is counted, and not answered", async () => {
  await using counter = await Counter.open({ commands });
  counter.append({ key: "id1", value: "1", headers: { "rpc-version": "1", "rpc-status": "ok" } });
  await counter.ask("ping");
  assertEquals([counter.replies.items.length, counter.server.counts.malformed], [1, 1]);
});
