// Batches that Java's producer and librdkafka wrote, recorded from a real broker.
import { assertEquals } from "@std/assert";
import { partsOf, recordsOf } from "./decoded.ts";
import fixtures from "./fixtures/batches.json" with { type: "json" };
import { recordsFor, TIMESTAMP } from "./fixtures/written_records.ts";

const recorded = (name: string): Uint8Array =>
  Uint8Array.fromBase64((fixtures as Record<string, string>)[name]!);
const text = (bytes: Uint8Array | null): string | null =>
  bytes && new TextDecoder("utf-8", { fatal: true }).decode(bytes);

for (const name of Object.keys(fixtures).filter((name) => name.includes(","))) {
  const codec = name.split(", ")[1]!;
  Deno.test(`decodeBatches() reads the records of ${name}`, async () => {
    const records = await recordsOf(recorded(name));
    const read = records.map(({ key, value, headers }) => ({
      key: text(key),
      value: text(value),
      headers: new Map(Array.from(headers, ([name, value]) => [name, text(value)])),
    }));
    const written = recordsFor(codec).map(({ headers, ...rest }) => ({
      ...rest,
      headers: new Map(headers.filter(([, value]) => value !== null)),
    }));
    assertEquals(read, written);
  });

  Deno.test(`decodeBatches() reads offsets and timestamps of ${name}`, async () => {
    const records = await recordsOf(recorded(name));
    assertEquals(
      records.map(({ offset, timestamp }) => [offset, timestamp]),
      [[0n, TIMESTAMP], [1n, TIMESTAMP], [2n, TIMESTAMP]],
    );
  });

  Deno.test(`decodeBatches() begins inside of the batch of ${name}`, async () => {
    const records = await recordsOf(recorded(name), { from: 2n });
    assertEquals(records.map(({ offset }) => offset), [2n]);
  });
}

Deno.test("decodeBatches() reads the time that a broker stamped", async () => {
  const [record] = await recordsOf(recorded("LogAppendTime"));
  assertEquals(record!.timestamp > TIMESTAMP + 1_000_000, true);
});

Deno.test("decodeBatches() reads records of transactions, and passes their markers", async () => {
  const parts = await partsOf(recorded("transactions"));
  assertEquals(
    parts.map(({ batch, records, nextOffset }) => ({
      values: records.map(({ value }) => text(value)),
      control: batch?.control,
      nextOffset,
    })),
    [
      { values: ["commitTransaction"], control: false, nextOffset: 1n },
      { values: [], control: true, nextOffset: 2n },
      { values: ["abortTransaction"], control: false, nextOffset: 3n },
      { values: [], control: true, nextOffset: 4n },
    ],
  );
});
