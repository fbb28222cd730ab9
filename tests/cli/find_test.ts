// Looking for the records of a call, among records that others dated as they like.
import { assertEquals } from "@std/assert";
import type { Connection } from "../../src/cli/connection.ts";
import { findCall, type Found } from "../../src/cli/trace/find.ts";
import type { RecordLog, ScanOptions } from "../../src/transport/kafka/record_log.ts";
import type { IncomingRecord } from "../../src/wire/record.ts";
import { recordOf } from "../wire/record_of.ts";
import { AT, ID, reply, request } from "./records.ts";

/** A log of one partition a topic. */
function logOf(topics: Readonly<Record<string, readonly IncomingRecord[]>>): RecordLog {
  const log: Pick<RecordLog, "offsets" | "scan"> = {
    offsets: () => Promise.resolve(new Map([[0, 0n]])),
    scan({ topic, from, visit }: ScanOptions) {
      let visited = 0;
      for (const record of from.has(0) ? topics[topic] ?? [] : []) {
        visited++;
        if (visit(record) !== undefined) break;
      }
      return Promise.resolve(visited);
    },
  };
  return log as RecordLog;
}

const CONNECTION = {
  topic: "commands",
  resultsTopic: "commands_results",
  controlTopic: "commands_control",
} as Connection;

function find(
  topics: Readonly<Record<string, readonly IncomingRecord[]>>,
  onProgress: (topic: string, read: number) => void = () => {},
): Promise<Found> {
  const { signal } = new AbortController();
  return findCall(logOf(topics), ID, CONNECTION, {
    sinceMs: 0,
    limit: 1_000_000,
    everyReply: false,
    signal,
    onProgress,
  });
}

const MINUTE = 60_000;
const inPartition0 = (record: IncomingRecord) => ({ ...record, partition: 0 });
const dated = (timestamp: number) => ({ ...recordOf({ key: "other", value: "1" }), timestamp });
const AHEAD = dated(AT + 50 * MINUTE);

Deno.test("a record of a clock that is ahead hides no request behind it", async () => {
  const { requests } = await find({ commands: [AHEAD, inPartition0(request())] });
  assertEquals(requests.length, 1);
});

Deno.test("a record of a clock that is ahead hides no reply behind it", async () => {
  const { replies } = await find({
    commands: [inPartition0(request())],
    commands_results: [AHEAD, inPartition0(reply())],
  });
  assertEquals(replies.length, 1);
});

Deno.test("a record of a clock that is ahead hides no later attempt behind it", async () => {
  const attempts = [request(), request({ "rpc-attempt": "2" }, 9n)].map(inPartition0);
  const { requests } = await find({ commands: [attempts[0]!, AHEAD, attempts[1]!] });
  assertEquals(requests.length, 2);
});

Deno.test("where younger records are all that comes, the rest of a partition is not read", async () => {
  let read = 0;
  const younger = {
    *[Symbol.iterator]() {
      for (; read < 100_000; read++) yield AHEAD;
    },
  };
  await find({ commands: younger as unknown as readonly IncomingRecord[] });
  assertEquals(read < 20_000, true, `${read} were read`);
});

Deno.test("how far it has read is said every 20 000 records of a topic", async () => {
  const said: [topic: string, read: number][] = [];
  const others = Array.from({ length: 45_000 }, () => dated(AT));
  await find({ commands: others }, (topic, read) => said.push([topic, read]));
  assertEquals(said, [["commands", 20_000], ["commands", 40_000]]);
});
