import { assertEquals } from "@std/assert";
import { asBuffer } from "../../../../src/transport/kafka/as_buffer.ts";
import { REQUESTS } from "../../../../src/transport/kafka/kafkajs/requests.ts";
import { encodeBy } from "../../../../src/transport/kafka/kafkajs/private.ts";
import { utf8 } from "../../../../src/wire/utf8.ts";
import type { OutgoingRecord } from "../../../../src/wire/record.ts";

const TIMESTAMP = 1_795_000_000_123;

function record(fields: Partial<OutgoingRecord>): OutgoingRecord {
  return { topic: "commands", key: null, value: null, headers: {}, ...fields };
}

const bytesOf = (length: number) => Uint8Array.from({ length }, (_, index) => index * 31 & 0xff);

/** What the library makes of the same records. */
function byLibrary(records: readonly OutgoingRecord[]): Promise<Uint8Array> {
  const messages = records.map(({ key, value, headers }) => ({
    key: key && asBuffer(key),
    value: value && asBuffer(value),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, header]) => {
        return [name, typeof header === "string" ? header : asBuffer(header)];
      }),
    ),
    timestamp: TIMESTAMP,
  }));
  const topicData = [{ topic: "commands", partitions: [{ partition: 3, messages }] }];
  return encodeBy("Produce", 7, { acks: -1, timeout: 5_000, topicData });
}

async function produce(records: readonly OutgoingRecord[]): Promise<Uint8Array> {
  const partitions = [{ topic: "commands", partition: 3, timestamp: TIMESTAMP, records }];
  return await REQUESTS.Produce.encode({ timeoutMs: 5_000, partitions }, 7);
}

const CASES: Readonly<Record<string, readonly OutgoingRecord[]>> = {
  "a record without key, value and headers": [record({})],
  "an empty key and an empty value": [record({ key: bytesOf(0), value: bytesOf(0) })],
  "headers of ASCII, of other text, and of bytes": [
    record({
      key: utf8("id"),
      value: bytesOf(20),
      headers: { "rpc-version": "1", größe: "äöü €", bytes: bytesOf(7), none: "", smile: "🙂" },
    }),
  ],
  "text over the boundary of two bytes of its length": [
    record({ headers: { long: "a".repeat(63), longer: "a".repeat(64), other: "é".repeat(40) } }),
  ],
  "records whose length takes one, two, three and four bytes": [10, 5_000, 100_000, 1_050_000].map(
    (length) => record({ value: bytesOf(length) }),
  ),
  "more records than one byte can number": Array.from({ length: 300 }, (_, index) => {
    return record({ key: utf8(`key ${index}`), value: bytesOf(index), headers: { n: `${index}` } });
  }),
};

for (const [name, records] of Object.entries(CASES)) {
  Deno.test(`a batch is encoded as kafkajs does it: ${name}`, async () => {
    const [own, library] = await Promise.all([produce(records), byLibrary(records)]);
    // Not compared as arrays: a difference would be a text of a million numbers.
    assertEquals(own.findIndex((byte, at) => byte !== library[at]), -1);
    assertEquals(own.length, library.length);
  });
}
