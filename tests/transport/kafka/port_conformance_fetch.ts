/**
 * Reading a partition, at its ends and beyond them.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { PREFIX_BYTES } from "../../../src/transport/kafka/batches/frame.ts";
import { decodeBatches } from "../../../src/transport/kafka/batches/decode.ts";
import { type Answers, LATEST, type Requests } from "../../../src/transport/kafka/port.ts";
import type { Declare, PortBench } from "./port_conformance.ts";

const OFFSET_OUT_OF_RANGE = 1;
const UNKNOWN_TOPIC_OR_PARTITION = 3;
const MAX_BYTES = 1_000_000;

type Partition = Answers["Fetch"]["partitions"][number];

interface Asked {
  readonly offset: bigint;
  readonly maxBytes?: number;
  readonly maxWaitMs?: number;
}

function question(topic: string, { offset, maxBytes = MAX_BYTES, maxWaitMs = 0 }: Asked) {
  const partitions = [{ topic, partition: 0, offset, maxBytes }];
  return { maxWaitMs, minBytes: 1, maxBytes, partitions } satisfies Requests["Fetch"];
}

async function fetch(bench: PortBench, topic: string, asked: Asked): Promise<Partition> {
  return (await bench.send("Fetch", question(topic, asked))).partitions[0]!;
}

/** Offsets of the records in what was fetched, and of the control batches. */
async function offsetsIn(
  { records }: Pick<Partition, "records">,
  from = 0n,
): Promise<{ records: bigint[]; control: bigint[] }> {
  const found = { records: [] as bigint[], control: [] as bigint[] };
  for await (const part of decodeBatches(records, { from })) {
    found.records.push(...part.records.map(({ offset }) => offset));
    if (part.batch?.control) found.control.push(part.batch.baseOffset);
  }
  return found;
}

/** Declares the tests. */
export function conformanceOfFetch(declare: Declare): void {
  declare("Fetch gives every record from its offset on", async (bench) => {
    const topic = await bench.topic();
    await bench.produce(topic, 1, 1);
    await bench.produce(topic, 1);
    const all = await fetch(bench, topic, { offset: 0n });
    const last = await fetch(bench, topic, { offset: 2n });
    assertEquals((await offsetsIn(all)).records, [0n, 1n, 2n]);
    assertEquals((await offsetsIn(last, 2n)).records, [2n]);
    assertEquals([all.error, all.highWatermark, all.logStartOffset], [0, 3n, 0n]);
  });

  declare("Fetch inside of a batch gives the batch from its beginning", async (bench) => {
    const topic = await bench.topic();
    await bench.produce(topic, 1, 1, 1);
    const { records } = await fetch(bench, topic, { offset: 2n });
    assertEquals((await offsetsIn({ records })).records, [0n, 1n, 2n]);
  });

  declare("Fetch at the end gives nothing, without an error", async (bench) => {
    const topic = await bench.topic();
    await bench.produce(topic, 1);
    const { error, records, highWatermark } = await fetch(bench, topic, { offset: 1n });
    assertEquals([error, records.length, highWatermark], [0, 0, 1n]);
  });

  declare("Fetch beyond the end is out of range", async (bench) => {
    const topic = await bench.topic();
    const { error, records } = await fetch(bench, topic, { offset: 1n });
    assertEquals([error, records.length], [OFFSET_OUT_OF_RANGE, 0]);
  });

  declare("Fetch before the log's start is out of range", async (bench) => {
    const topic = await bench.topic();
    await bench.produce(topic, 1, 1, 1);
    await bench.port.deleteRecords(topic, 2n);
    const before = await fetch(bench, topic, { offset: 1n });
    const at = await fetch(bench, topic, { offset: 2n });
    assertEquals([before.error, at.error, at.logStartOffset], [OFFSET_OUT_OF_RANGE, 0, 2n]);
  });

  declare("Fetch gives a first batch that is larger than maxBytes, whole", async (bench) => {
    const topic = await bench.topic();
    await bench.produce(topic, 10_000);
    await bench.produce(topic, 1);
    const answer = await fetch(bench, topic, { offset: 0n, maxBytes: 100 });
    assertEquals((await offsetsIn(answer)).records, [0n]);
  });

  declare("Fetch gives no more than maxBytes beside the first batch", async (bench) => {
    const topic = await bench.topic();
    for (let batch = 0; batch < 3; batch++) await bench.produce(topic, 1_000);
    const { records } = await fetch(bench, topic, { offset: 0n, maxBytes: 1_500 });
    assertEquals(records.length <= 1_500, true);
    assertEquals((await offsetsIn({ records })).records, [0n]);
  });

  declare(
    "Fetch has an error for a partition that is missing, and not for the others",
    async (bench) => {
      const topic = await bench.topic();
      await bench.produce(topic, 1);
      const asked = question(topic, { offset: 0n });
      const partitions = [...asked.partitions, { ...asked.partitions[0]!, partition: 7 }];
      const answer = await bench.send("Fetch", { ...asked, partitions });
      const outcomes = answer.partitions.map(({ partition, error, records }) => {
        return [partition, error, records.length > PREFIX_BYTES];
      });
      assertEquals(outcomes.toSorted(), [[0, 0, true], [7, UNKNOWN_TOPIC_OR_PARTITION, false]]);
    },
  );

  declare("Fetch at the end waits for a record, as long as it may", async (bench) => {
    const topic = await bench.topic();
    const parked = await bench.connect();
    const waiting = parked.send("Fetch", question(topic, { offset: 0n, maxWaitMs: 60_000 }));
    await bench.produce(topic, 1);
    assertEquals((await offsetsIn((await waiting).partitions[0]!)).records, [0n]);
  });

  for (const end of ["commit", "abort"] as const) {
    declare(
      `a transaction is read while it is open, and leaves a control batch at its ${end}`,
      async (bench) => {
        const topic = await bench.topic();
        await bench.port.transaction(topic, end, async () => {
          assertEquals((await offsetsIn(await fetch(bench, topic, { offset: 0n }))).records, [0n]);
          const partitions = [{ topic, partition: 0, timestamp: LATEST }];
          const listed = await bench.send("ListOffsets", { partitions });
          assertEquals(listed.partitions[0]!.offset, 1n);
        });
        const after = await bench.until(
          () => fetch(bench, topic, { offset: 0n }),
          ({ highWatermark }) => highWatermark === 2n,
        );
        assertEquals(await offsetsIn(after), { records: [0n], control: [1n] });
      },
    );
  }
}
