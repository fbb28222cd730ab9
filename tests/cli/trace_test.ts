// Where a call is, from what the topics and the group say.
import { assertEquals } from "@std/assert";
import { timeOfId } from "../../src/cli/record_text.ts";
import type { Found } from "../../src/cli/trace/find.ts";
import { writeVerdict } from "../../src/cli/trace/report.ts";
import { progress } from "../../src/cli/trace/trace.ts";
import { type Standing, type State, type Verdict, verdictOf } from "../../src/cli/trace/verdict.ts";
import { AT, ID, reply, request } from "./records.ts";
import { KeptSink } from "./sink.ts";

const NOTHING: Found = {
  requests: [],
  replies: [],
  cancellation: undefined,
  limited: false,
};
const MEMBER = { memberId: "m-1", clientId: "kafka-rpc", host: "/10.0.0.1", assignment: new Map() };
const standing = (committed: bigint | undefined, member = true): Standing => {
  return { committed, member: member ? MEMBER : undefined, members: 1 };
};
const NOW = AT + 1_000;

const CASES: [what: string, state: State, found: Partial<Found>, at: Standing, now: number][] = [
  ["nothing was found: not found", "not found", {}, standing(0n), NOW],
  [
    "a reply is there: answered",
    "answered",
    { requests: [request()], replies: [reply()] },
    standing(8n),
    NOW,
  ],
  [
    "a reply is there, its request deleted: answered",
    "answered",
    { replies: [reply()] },
    standing(0n),
    NOW,
  ],
  [
    "not committed, a member has the partition: waiting",
    "waiting",
    { requests: [request()] },
    standing(3n),
    NOW,
  ],
  [
    "nobody has the partition: unattended",
    "unattended",
    { requests: [request()] },
    standing(3n, false),
    NOW,
  ],
  [
    "past its deadline, not committed: expired",
    "expired",
    { requests: [request()] },
    standing(3n),
    AT + 40_000,
  ],
  ["committed without a reply: taken", "taken", { requests: [request()] }, standing(8n), NOW],
];

/** The first reply is the one that counts: nothing is signed. */
function judged(found: Found, standing: Standing, now = NOW): Verdict {
  const [record] = found.replies;
  const reply = record && { record, signature: undefined };
  return verdictOf(ID, found, { standing, now, ...(reply && { reply }) });
}

for (const [what, state, found, at, now] of CASES) {
  Deno.test(what, () => {
    assertEquals(judged({ ...NOTHING, ...found }, at, now).state, state);
  });
}

Deno.test("the lag of a waiting request is what is not committed before it", () => {
  const found = { ...NOTHING, requests: [request()] };
  assertEquals(judged(found, standing(3n)).lag, 4);
});

Deno.test("what happened comes before what it is: each attempt is counted", () => {
  const found = { ...NOTHING, requests: [request(), request({ "rpc-attempt": "2" }, 9n)] };
  const { request: facts } = judged(found, standing(3n));
  assertEquals([facts?.attempts, facts?.place], [2, "commands[2]@7"]);
});

function shown(columns: number): string {
  const sink = new KeptSink(columns);
  const found = { ...NOTHING, requests: [request()], replies: [reply()] };
  writeVerdict(judged(found, standing(8n)), sink.output(), NOW);
  return sink.text;
}

Deno.test("a trace at 80 columns", () => {
  assertEquals(
    shown(80),
    `✔ request       commands[2]@7, add, 2 bytes, 2024-01-01T00:00:00.000Z (1 s ago),
                deadline in 29 s
✔ server        kafka-rpc on 10.0.0.1 (m-1) has its partition; it is committed
                past the request
✔ reply         commands_results[1]@9, ok by server-1, 1 byte,
                2024-01-01T00:00:00.012Z, 12 ms after the request

Answered with ok by server-1.
`,
  );
});

Deno.test("a trace at 200 columns is a line a record", () => {
  assertEquals(shown(200).split("\n").length, 6);
});

Deno.test("a reply that clients do not take is no answer", () => {
  const sink = new KeptSink(200);
  const found = { ...NOTHING, requests: [request()], replies: [reply()] };
  const signature = { keyId: "mallory", problem: 'its key "mallory" is not known' };
  const around = { standing: standing(8n), now: NOW, reply: { record: reply(), signature } };
  writeVerdict(verdictOf(ID, found, around), sink.output(), NOW);
  const problem = 'not to be trusted: its key "mallory" is not known';
  const seen = [problem, "clients that verify do not take it."].map((text) =>
    sink.text.replaceAll(/\s+/g, " ").includes(text)
  );
  assertEquals(seen, [true, true], sink.text);
});

Deno.test("a trace of records that are dated outside of all time says so", () => {
  const sink = new KeptSink(200);
  const never = { ...request(), timestamp: -9e15 };
  const found = { ...NOTHING, requests: [never], replies: [{ ...reply(), timestamp: 9e15 }] };
  writeVerdict(judged(found, standing(8n)), sink.output(), NOW);
  assertEquals(sink.text.match(/at no time/g)?.length, 2);
});

Deno.test("a name with line breaks forges no line of a trace", () => {
  const sink = new KeptSink(200);
  const forged = reply({ "rpc-server": "server-1.\n✔ reply         forged" });
  const found = { ...NOTHING, requests: [request()], replies: [forged] };
  writeVerdict(judged(found, standing(8n)), sink.output(), NOW);
  assertEquals(sink.text.split("\n").filter((line) => line.startsWith("✔ reply")).length, 1);
});

Deno.test("a UUID of version 7 says when it was made", () => assertEquals(timeOfId(ID), AT));

for (const id of ["my-own-id", "6f2c2a3e-1e1e-4c1e-8c1e-6f2c2a3e1e1e"]) {
  Deno.test(`the id ${id} says no time`, () => assertEquals(timeOfId(id), undefined));
}

/** What a search says on standard error once it has read 40 000 records. */
function progressOf({ columns, isScan }: { columns?: number; isScan: boolean }): string {
  const sink = new KeptSink(columns);
  progress(sink.output(), isScan)("commands", 40_000);
  assertEquals(sink.text, "");
  return sink.errors;
}

for (
  const [what, where, line] of [
    ["is said on a terminal", { columns: 80, isScan: true }, "… 40 000 records of commands\n"],
    ["is not said to a pipe", { isScan: true }, ""],
    ["is not said where the id says its time", { columns: 80, isScan: false }, ""],
  ] as const
) {
  Deno.test(`how far a trace has read ${what}`, () => assertEquals(progressOf(where), line));
}
