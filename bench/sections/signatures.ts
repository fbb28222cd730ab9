/**
 * What signatures cost: calls without any, with HMAC and with Ed25519 on both sides; and, without
 * Kafka, what one side signs and verifies for one call.
 *
 * @module
 */
import type { ContestantName } from "../contestants/contestants.ts";
import { keysOf, type SignatureKind } from "../contestants/signing.ts";
import { startLanes } from "../lanes/start_lanes.ts";
import { measureRounds } from "../lanes/rounds.ts";
import { type Row, sample, type Table } from "../report/results.ts";
import { Signer } from "../../src/signing/signer.ts";
import { Verifier } from "../../src/signing/verifier.ts";
import { memoryRecord } from "../../src/transport/memory/record.ts";
import { utf8 } from "../../src/wire/utf8.ts";
import type { IncomingRecord, OutgoingRecord } from "../../src/wire/record.ts";
import type { SectionPlace } from "./section.ts";

/** Records that are signed, and then verified, one after the other. */
const RECORDS = 2_000;

const REQUEST: OutgoingRecord = {
  topic: "commands",
  key: utf8("01931a52-9f0e-7d6c-a1b2-0123456789ab"),
  value: utf8('{"a":1,"b":2}'),
  headers: {
    "rpc-version": "1",
    "rpc-command": "add",
    "rpc-attempt": "1",
    "rpc-reply-topic": "commands_results",
    "rpc-reply-partition": "0",
    "rpc-deadline": "1767225600000",
  },
};

function asRead(record: OutgoingRecord): IncomingRecord {
  return { ...memoryRecord(record), partition: 0, offset: 0n, timestamp: 0 };
}

async function micros(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  for (let n = 0; n < RECORDS; n++) await work();
  return (performance.now() - start) * 1_000 / RECORDS;
}

/** Of one side: it signs what it sends, and verifies what comes back. */
async function alone(kind: SignatureKind, rounds: number): Promise<Row> {
  const { sign, verify } = keysOf(kind);
  const signer = await Signer.open(sign);
  const verifier = await Verifier.open(verify);
  const signed = asRead(await signer.sign("request", REQUEST));
  const row: Row = { name: `${kind}, without Kafka`, samples: {} };
  const signs = () => signer.sign("request", REQUEST);
  const verifies = () => verifier.verify("request", signed);
  await micros(signs);
  await micros(verifies);
  for (let round = 0; round < rounds; round++) {
    sample(row, "sign", await micros(signs));
    sample(row, "verify", await micros(verifies));
  }
  return row;
}

/** Measures both. */
export async function signatures(place: SectionPlace): Promise<Omit<Table, "section">[]> {
  await using parts = new AsyncDisposableStack();
  const contestants: ContestantName[] = [
    "in process (kafkajs)",
    "HMAC (kafkajs)",
    "Ed25519 (kafkajs)",
  ];
  const plans = contestants.map((contestant) => ({ contestant }));
  const lanes = await startLanes(plans, { ...place, parts });
  const rounds = place.quick ? 2 : 5;
  const burst = place.quick ? 2_000 : 10_000;
  const measured = await measureRounds(lanes, { rounds, blocks: 2, burst: () => burst });
  const kinds: readonly SignatureKind[] = ["HMAC", "Ed25519"];
  const rows: Row[] = [];
  for (const kind of kinds) rows.push(await alone(kind, rounds));
  return [
    {
      title: `Signatures: ${rounds} rounds of 2 × 100 calls, then ${burst} at once`,
      rows: measured.map(({ row }) => row),
    },
    { title: `Signatures of one record: ${rounds} rounds of ${RECORDS}`, rows },
  ];
}
