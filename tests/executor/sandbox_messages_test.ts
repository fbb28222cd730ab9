// Messages of a sandbox, and what is refused in them.
import { assertEquals, assertThrows } from "@std/assert";
import { readFromSandbox, readFromSupervisor } from "../../src/executor/sandbox_messages.ts";

const bytes = Uint8Array.of(1);
const output = { bytes, contentType: "application/json" };
const failure = { code: "internal", name: "Error", message: "x" };
const done = (outcome: unknown) => ({ type: "done", run: 1, outcome });

const ready = (...policies: unknown[]) => ({ type: "ready", commands: ["add"], policies });

const GOOD: unknown[] = [
  { type: "ready", commands: ["add"], policies: [] },
  {
    type: "ready",
    commands: ["add"],
    policies: [["add", { timeoutMs: 5, limits: { queueMs: 1 } }]],
  },
  { type: "failed", part: "commands", failure },
  { type: "failed", part: "codecs", failure },
  done({ ok: true, output }),
  done({ ok: false, failure: { ...failure, details: { a: 1 }, stack: "Error: x" } }),
  done({ ok: true, output, metadata: { cost: "3" } }),
  { type: "declined", run: 2 },
  { type: "spent" },
  { type: "waiting", runs: [1, 2] },
  { type: "broken", reason: "it ended" },
];
for (const message of GOOD) {
  Deno.test(`${JSON.stringify(message).slice(0, 60)} is read as it is`, () => {
    assertEquals(readFromSandbox(message), message as never);
  });
}

Deno.test("a result may have the content type of the input in flight", () => {
  const message = done({ ok: true, output: { bytes, contentType: "application/x-own; v=1" } });
  assertEquals(readFromSandbox(message, "application/x-own; v=1"), message as never);
});

const BAD: [what: string, message: unknown][] = [
  ["nothing", undefined],
  ["null", null],
  ["text", "ready"],
  ["an unknown type", { type: "run" }],
  ["commands that are no list", { type: "ready", commands: "add" }],
  ["no policies", { type: "ready", commands: ["add"] }],
  ["more policies than commands", ready(["add", {}], ["add", {}])],
  ["a policy without a command", ready("add")],
  ["a policy of another command", ready(["sub", {}])],
  ["a policy that is none", ready(["add", 5])],
  ["a policy out of range", ready(["add", { concurrency: 0 }])],
  ["a policy with another part", ready(["add", { memoryMb: 64 }])],
  ["a command that is no text", { type: "ready", commands: [1] }],
  ["a run that is no number", { ...done({ ok: true, output }), run: "1" }],
  ["a run that is no whole number", { ...done({ ok: true, output }), run: 1.5 }],
  ["no outcome", done(undefined)],
  ["a result without bytes", done({ ok: true, output: { contentType: "application/json" } })],
  ["bytes that are a list", done({ ok: true, output: { ...output, bytes: [1] } })],
  ["an unknown content type", done({ ok: true, output: { ...output, contentType: "text/html" } })],
  ["an unknown code", done({ ok: false, failure: { ...failure, code: "fine" } })],
  ["a message that is no text", done({ ok: false, failure: { ...failure, message: {} } })],
  [
    "details without end",
    done({ ok: false, failure: { ...failure, details: "x".repeat(20_000) } }),
  ],
  ["a header of the protocol", done({ ok: true, output, metadata: { "rpc-status": "ok" } })],
  ["metadata that is no text", done({ ok: false, failure, metadata: { a: 1 } })],
  ["metadata without end", done({ ok: true, output, metadata: { a: "x".repeat(20_000) } })],
  ["a word of the supervisor", { type: "memory", used: 5 }],
  ["runs that are no list", { type: "waiting", runs: 1 }],
  ["a list of no runs", { type: "waiting", runs: [] }],
  ["a list of what is no number", { type: "waiting", runs: ["1"] }],
  ["a word of the supervisor about jobs", { type: "returned", begun: 1, upTo: 2 }],
  ["commands without end", { type: "ready", commands: Array(1_001).fill("add") }],
  ["a name that no caller can send", { type: "ready", commands: ["n".repeat(256)] }],
  ["descriptions that are no list", offering({ descriptions: {} })],
  ["a description of no command", offering({ descriptions: [["no", { kind: "call" }]] })],
  ["a command of no known kind", offering({ descriptions: [["add", { kind: "door" }]] })],
  ["a JSON Schema that is none", offering({ descriptions: [["add", { kind: "call", input: 1 }]] })],
  [
    "a summary that is no text",
    offering({ descriptions: [["add", { kind: "call", summary: 1 }]] }),
  ],
  ["more descriptions than commands", offering({ descriptions: Array(2).fill(["add", {}]) })],
  ["a content type that is no text", offering({ contentTypes: [1] })],
];
function offering(more: object): object {
  return { type: "ready", commands: ["add"], policies: [], ...more };
}

for (const [what, message] of BAD) {
  Deno.test(`${what} is refused`, () => {
    assertThrows(() => readFromSandbox(message), TypeError, "a sandbox sent");
  });
}

Deno.test("a field that nobody expects is left out", () => {
  const message = { type: "broken", reason: "x", toString: "y", extra: 1 };
  assertEquals(readFromSandbox(message), { type: "broken", reason: "x" });
});

Deno.test("long texts of a failure are cut", () => {
  const long = { code: "unknown", name: "n".repeat(1_000), message: "m".repeat(100_000) };
  const read = readFromSandbox({ type: "failed", failure: long });
  const { name, message } = (read as { failure: { name: string; message: string } }).failure;
  assertEquals([name.length, message.length], [256, 16_384]);
});

for (
  const message of [
    { type: "broken", reason: "it ended", begun: 1 },
    { type: "memory", used: 5, begun: 1 },
    { type: "oversized", bytes: 6, begun: 1 },
    { type: "returned", begun: 1, upTo: 3 },
  ]
) {
  Deno.test(`a supervisor's ${message.type} is read as it is`, () => {
    assertEquals(readFromSupervisor(message), message as never);
  });
}

for (
  const [what, message] of [
    ["memory that is no number", { type: "memory", used: "much", begun: 1 }],
    ["a length that is no number", { type: "oversized", begun: 1 }],
    ["an end that does not say what had begun", { type: "memory", used: 5 }],
    ["a number of returned jobs that is none", { type: "returned", begun: 1, upTo: "all" }],
    ["a word of a worker", { type: "ready", commands: ["add"], begun: 1 }],
  ] as const
) {
  Deno.test(`${what} is refused of a supervisor`, () => {
    assertThrows(() => readFromSupervisor(message), TypeError, "a sandbox sent");
  });
}
