/**
 * Reads every batch of a topic, in a process of its own: its memory is that of reading alone.
 * Prints what it saw in a line of JSON; ends with exit code 1 where a batch is not passed by its end.
 *
 * @module
 */
import { memoryUsage } from "node:process";
import { delay } from "../../../../../src/async/delay.ts";
import { kafkajsProtocol } from "../../../../../src/transport/kafka/kafkajs/protocol.ts";
import { decodeBatches } from "../../../../../src/transport/kafka/batches/decode.ts";

const [host = "", port = "", topic = "", partitions = ""] = Deno.args;
const FETCH_BYTES = 1_100_000;
const NOT_LEADER = 6;

const connection = await kafkajsProtocol.open({ host, port: Number(port) }, {
  clientId: "fuzz-reader",
  background: false,
  signal: AbortSignal.timeout(30_000),
});

/** What was counted. */
const seen = {
  batches: 0,
  compressed: 0,
  records: 0,
  unreadable: {} as Record<string, number>,
  slowestMs: 0,
  /** Of resident memory, in bytes, while one fetch was decoded. */
  mostGrowth: 0,
};
let rssBefore = 0;

/** Fetches; again where the broker has lost its leadership for a moment, as a loaded machine does. */
async function fetched(partition: number, offset: bigint) {
  const asked = [{ topic, partition, offset, maxBytes: FETCH_BYTES }];
  const amounts = { maxWaitMs: 1_000, minBytes: 1, maxBytes: FETCH_BYTES };
  for (let tries = 100; tries > 0; tries--) {
    const { partitions: [answer] } = await connection.send("Fetch", {
      ...amounts,
      partitions: asked,
    });
    if (answer!.error === 0) return answer!;
    if (answer!.error !== NOT_LEADER) throw new Error(`Cannot fetch: error ${answer!.error}.`);
    await delay(200);
  }
  throw new Error("Cannot fetch: the broker does not lead the partition.");
}

/** Decodes what a fetch gave, and says where to go on. */
async function decode(records: Uint8Array, from: bigint): Promise<bigint> {
  let next = from;
  let began = performance.now();
  for await (
    const { batch, records: decoded, nextOffset, unreadable } of decodeBatches(records, { from })
  ) {
    const inside = decoded.every(({ offset }) => offset >= next && offset <= batch!.lastOffset);
    if (!inside || nextOffset === undefined || nextOffset < next) {
      throw new Error(`Offset ${next} of ${topic}: goes on at ${nextOffset}.`);
    }
    seen.records += decoded.length;
    if (unreadable) {
      const reason = unreadable.reason.replaceAll(/-?\d+/g, "N");
      seen.unreadable[reason] = (seen.unreadable[reason] ?? 0) + 1;
    }
    seen.mostGrowth = Math.max(seen.mostGrowth, memoryUsage().rss - rssBefore);
    next = nextOffset;
    if (next <= batch!.lastOffset) continue;
    seen.batches++;
    if (batch!.codec !== 0) seen.compressed++;
    seen.slowestMs = Math.max(seen.slowestMs, performance.now() - began);
    began = performance.now();
  }
  return next;
}

for (let partition = 0; partition < Number(partitions); partition++) {
  for (let offset = 0n;;) {
    const { records, highWatermark } = await fetched(partition, offset);
    if (offset >= highWatermark) break;
    // The garbage of the fetches before is not this one's.
    (globalThis as unknown as { gc(): void }).gc();
    rssBefore = memoryUsage().rss;
    const next = await decode(records, offset);
    if (next === offset) throw new Error(`Offset ${offset} of ${topic}: nothing is passed.`);
    offset = next;
  }
}
connection.close();
console.log(JSON.stringify(seen));
