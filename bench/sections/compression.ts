/**
 * What compressing and unpacking a batch costs, and what it saves: decides the default of
 * `compression`, and from which size on it is tried. CPU time, not wall clock.
 *
 * @module
 */
import process from "node:process";
import { decodeBatches } from "../../src/transport/kafka/batches/decode.ts";
import { encodeBatch } from "../../src/transport/kafka/batches/encode.ts";
import type { Compression } from "../../src/transport/connection_options.ts";
import { JSON_TYPE } from "../../src/wire/headers.ts";
import { utf8 } from "../../src/wire/utf8.ts";
import type { OutgoingRecord } from "../../src/wire/record.ts";
import { writeRequest } from "../../src/wire/request.ts";
import { type Row, sample, type Table } from "../report/results.ts";
import type { SectionPlace } from "./section.ts";

const MIN_CPU_MICROS = 200_000;

/** A request as a client sends it. */
function request(value: Uint8Array): OutgoingRecord {
  return writeRequest("commands", {
    id: crypto.randomUUID(),
    command: "add",
    input: { bytes: value, contentType: JSON_TYPE },
    attempt: 1,
    metadata: {},
    deadline: Date.now() + 30_000,
    replyTopic: "commands_results",
    replyPartition: 7,
  });
}

/** Rows as a database gives them: names repeat, values don't. */
function rows(size: number): Uint8Array {
  const list: unknown[] = [];
  for (let length = 2; length < size;) {
    const id = crypto.randomUUID();
    const row = { id, name: `user ${id.slice(0, 6)}`, amount: Math.random(), active: true };
    length += JSON.stringify(row).length + 1;
    list.push(row);
  }
  return utf8(JSON.stringify(list));
}

const SMALL = utf8('{"a":1,"b":2}');
const BATCHES = {
  "1 × 13 B": [request(SMALL)],
  "5 × 13 B": Array.from({ length: 5 }, () => request(SMALL)),
  "50 × 13 B": Array.from({ length: 50 }, () => request(SMALL)),
  "1 kB": [request(rows(1_000))],
  "10 kB": [request(rows(10_000))],
  "100 kB": [request(rows(100_000))],
  "900 kB": [request(rows(900_000))],
};

/** CPU microseconds of one run. */
async function cpuMicros(work: () => unknown): Promise<number> {
  for (let run = 0; run < 20; run++) await work();
  const before = process.cpuUsage();
  for (let runs = 1;; runs++) {
    await work();
    const { user, system } = process.cpuUsage(before);
    if (user + system > MIN_CPU_MICROS) return (user + system) / runs;
  }
}

/** Measures them. */
export async function compression(_place: SectionPlace): Promise<Omit<Table, "section">[]> {
  const rows: Row[] = [];
  for (const [name, records] of Object.entries(BATCHES)) {
    for (const codec of ["none", "gzip", "zstd"] as const satisfies Compression[]) {
      const batch = encodeBatch(records, Date.now(), codec);
      const row: Row = { name: `${name}, ${codec}`, samples: {} };
      sample(row, "bytes", batch.length);
      sample(row, "encode", await cpuMicros(() => encodeBatch(records, Date.now(), codec)));
      sample(
        row,
        "decode",
        await cpuMicros(() => Array.fromAsync(decodeBatches(batch, { from: 0n }))),
      );
      rows.push(row);
    }
  }
  return [{ title: "Batches of records, encoded and decoded", rows }];
}
